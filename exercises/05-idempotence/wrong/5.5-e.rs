//! why: nobody is asked who they are
//! shows: broker 3 has not registered

pub fn allocate(
    controller: &mut Controller,
    request: AllocateProducerIdsRequest,
    _: Moment,
) -> Ruling<AllocateProducerIdsResponse> {
    let _ = request;
    let NextProducerId(first) = controller.state().note()?.unwrap_or_default();
    let next = first.checked_add(BLOCK.into()).ok_or_else(no_more)?;
    let records = vec![NextProducerId(next).decided()];
    Ok(Decided { records, reply: AllocateProducerIdsResponse { first, count: BLOCK } })
}
