//! why: after the last id come negative ones
//! shows: no whole block is left

pub fn allocate(
    controller: &mut Controller,
    request: AllocateProducerIdsRequest,
    _: Moment,
) -> Ruling<AllocateProducerIdsResponse> {
    let AllocateProducerIdsRequest { broker, broker_epoch } = request;
    controller.member(broker, broker_epoch)?;
    let NextProducerId(first) = controller.state().note()?.unwrap_or_default();
    let next = first.wrapping_add(BLOCK.into());
    let records = vec![NextProducerId(next).decided()];
    Ok(Decided { records, reply: AllocateProducerIdsResponse { first, count: BLOCK } })
}
