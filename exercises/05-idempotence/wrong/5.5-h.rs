//! why: a note that cannot be read is taken for none
//! shows: Whoever began at 0 again would give it twice

pub fn allocate(
    controller: &mut Controller,
    request: AllocateProducerIdsRequest,
    _: Moment,
) -> Ruling<AllocateProducerIdsResponse> {
    let AllocateProducerIdsRequest { broker, broker_epoch } = request;
    controller.member(broker, broker_epoch)?;
    let NextProducerId(first) = controller.state().note().ok().flatten().unwrap_or_default();
    let next = first.checked_add(BLOCK.into()).ok_or_else(no_more)?;
    let records = vec![NextProducerId(next).decided()];
    Ok(Decided { records, reply: AllocateProducerIdsResponse { first, count: BLOCK } })
}
