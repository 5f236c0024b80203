//! why: nothing is written down: the next one gets the same block
//! shows: ids 0…999, no note

pub fn allocate(
    controller: &mut Controller,
    request: AllocateProducerIdsRequest,
    _: Moment,
) -> Ruling<AllocateProducerIdsResponse> {
    let AllocateProducerIdsRequest { broker, broker_epoch } = request;
    controller.member(broker, broker_epoch)?;
    let NextProducerId(first) = controller.state().note()?.unwrap_or_default();
    let next = first.checked_add(BLOCK.into()).ok_or_else(no_more)?;
    let _ = next;
    Ok(Decided::nothing(AllocateProducerIdsResponse { first, count: BLOCK }))
}
