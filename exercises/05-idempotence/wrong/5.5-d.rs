//! why: the block begins behind itself: 0 to 999 are never given
//! shows: ids 1000…1999, note 1000

pub fn allocate(
    controller: &mut Controller,
    request: AllocateProducerIdsRequest,
    _: Moment,
) -> Ruling<AllocateProducerIdsResponse> {
    let AllocateProducerIdsRequest { broker, broker_epoch } = request;
    controller.member(broker, broker_epoch)?;
    let NextProducerId(first) = controller.state().note()?.unwrap_or_default();
    let next = first.checked_add(BLOCK.into()).ok_or_else(no_more)?;
    let records = vec![NextProducerId(next).decided()];
    Ok(Decided { records, reply: AllocateProducerIdsResponse { first: next, count: BLOCK } })
}
