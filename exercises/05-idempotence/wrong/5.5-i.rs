//! why: the state is changed at once, before anything is in the log
//! shows: what is decided is returned. The controller learns it when it is in its log

pub fn allocate(
    controller: &mut Controller,
    request: AllocateProducerIdsRequest,
    _: Moment,
) -> Ruling<AllocateProducerIdsResponse> {
    let AllocateProducerIdsRequest { broker, broker_epoch } = request;
    controller.member(broker, broker_epoch)?;
    let NextProducerId(first) = controller.state().note()?.unwrap_or_default();
    let next = first.checked_add(BLOCK.into()).ok_or_else(no_more)?;
    let record = NextProducerId(next).decided();
    replication::machine::Machine::replay(controller, &record);
    Ok(Decided { records: vec![record], reply: AllocateProducerIdsResponse { first, count: BLOCK } })
}
