//! why: the first of the fenced brokers gets all that the others cannot take
//! shows: 4 and 5 share the

pub fn place(
    active: &[i32],
    fenced: &[i32],
    partitions: u32,
    copies: u16,
    random: &mut Rng,
) -> Result<Vec<Vec<i32>>, Refusal> {
    let (copies, brokers) = (usize::from(copies), active.len() + fenced.len());
    if active.is_empty() || !(1..=brokers).contains(&copies) {
        return Err(ErrorCode::InvalidReplicationFactor.because(format!(
            "{copies} copies of a partition cannot be kept: they need as many brokers, one of which must be alive to lead; \
             there are {brokers} brokers, and {} are alive",
            active.len()
        )));
    }
    let (mut active, fenced) = (active.to_vec(), fenced.to_vec());
    let mut placed = Vec::with_capacity(partitions as usize);
    for number in 0..partitions as usize {
        let place = number % active.len();
        if place == 0 {
            random.shuffle(&mut active);
        }
        placed.push(from(&active, place).chain(fenced.iter().copied()).take(copies).collect());
    }
    Ok(placed)
}
