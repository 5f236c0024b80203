//! why: the lowest byte first, as most processors have numbers in memory
//! shows: writes these two fields, and no other byte

impl Batch {
    pub fn set_place(&mut self, base_offset: Offset, leader_epoch: i32) {
        self.bytes[0..8].copy_from_slice(&base_offset.to_le_bytes());
        self.bytes[12..16].copy_from_slice(&leader_epoch.to_le_bytes());
    }
}
