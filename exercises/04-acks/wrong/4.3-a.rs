//! why: what there was is remembered behind the look: what comes in between counts as seen, and it sleeps beside it
//! shows: a batch is committed when it was just looked, and nothing was there: if that is no news, it sleeps beside the batch

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
        let reads = service.fetch(&request).await;
        watched.mark();
        let bytes: usize = reads.iter().flat_map(|(_, read)| read).map(|read| read.slice.len()).sum();
        let has_refused = reads.iter().any(|(_, read)| read.is_err());
        if bytes >= min_bytes || has_refused || !watched.wait(deadline, context).await {
            context.reserve(bytes).await;
            return service.read_bytes(reads).await;
        }
    }
}
