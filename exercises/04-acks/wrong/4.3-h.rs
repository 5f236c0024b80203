//! why: a partition reaches up to the log's end: consumers wake up for what is not committed
//! shows: written after 100 ms, and committed after 300 ms: consumers get what is committed

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
    let mut watched = Watched::of(&**service.partitions(), &asked, |now| now.end);
    loop {
        watched.mark();
        let reads = service.fetch(&request).await;
        let bytes: usize = reads.iter().flat_map(|(_, read)| read).map(|read| read.slice.len()).sum();
        let has_refused = reads.iter().any(|(_, read)| read.is_err());
        if bytes >= min_bytes || has_refused || !watched.wait(deadline, context).await {
            context.reserve(bytes).await;
            return service.read_bytes(reads).await;
        }
    }
}
