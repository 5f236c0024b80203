//! why: a refusal is no reason to answer: whoever asked for a partition that is not there waits for it
//! shows: there is no orders-7: whoever asked should know, and not wait for it

pub async fn fetch(
    service: &Service,
    request: Waiting<FetchRequest>,
    limits: WaitLimits,
    context: &Context,
    max_answer: usize,
) -> FetchResponse {
    let deadline = deadline(&request, limits);
    let Waiting { min_bytes, question: mut request, .. } = request;
    let most = room_for_records(&request, max_answer.min(context.share()));
    request.max_bytes = request.max_bytes.min(most);
    let min_bytes = min_bytes.min(request.max_bytes) as usize;
    let asked = request.partitions.iter().map(|asked| (asked.at.clone(), asked.offset)).collect::<Vec<_>>();
    let mut watched = Watched::of(&**service.partitions(), &asked, |now| now.high_watermark);
    loop {
        watched.mark();
        let reads = service.fetch(&request).await;
        let bytes: usize = reads.iter().flat_map(|(_, read)| read).map(|read| read.slice.len()).sum();
        if bytes >= min_bytes || !watched.wait(deadline, context).await {
            context.reserve(bytes).await;
            return service.read_bytes(reads).await;
        }
    }
}
