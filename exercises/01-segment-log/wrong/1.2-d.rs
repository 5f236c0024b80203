//! why: the epoch is written right behind the offset, where the length is
//! shows: writes these two fields, and no other byte

impl Batch {
    pub fn set_place(&mut self, base_offset: Offset, leader_epoch: i32) {
        self.bytes[0..8].copy_from_slice(&base_offset.to_be_bytes());
        self.bytes[8..12].copy_from_slice(&leader_epoch.to_be_bytes());
    }
}
