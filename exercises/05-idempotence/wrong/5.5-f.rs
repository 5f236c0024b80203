//! why: a number is enough, and the epoch is not asked for
//! shows: This is an earlier process of it

pub fn allocate(
    controller: &mut Controller,
    request: AllocateProducerIdsRequest,
    _: Moment,
) -> Ruling<AllocateProducerIdsResponse> {
    let AllocateProducerIdsRequest { broker, .. } = request;
    if controller.state().broker(broker).is_none() {
        return Err(ErrorCode::BrokerIdNotRegistered.because(format!("broker {broker} has not registered")));
    }
    let NextProducerId(first) = controller.state().note()?.unwrap_or_default();
    let next = first.checked_add(BLOCK.into()).ok_or_else(no_more)?;
    let records = vec![NextProducerId(next).decided()];
    Ok(Decided { records, reply: AllocateProducerIdsResponse { first, count: BLOCK } })
}
