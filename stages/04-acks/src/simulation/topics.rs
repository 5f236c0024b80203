//! The topics of a workload. Their names begin with its own, and nothing in them is ever deleted.

use partitioning::TopicPartition;
use partitioning::api::NewTopic;

/// What the topics of a workload are like.
#[derive(Debug, Clone)]
pub struct Topics {
    /// The partitions of each.
    pub partitions: Vec<u32>,
    /// `min.insync.replicas`.
    pub min_in_sync: u32,
    /// `segment.bytes`.
    pub segment_bytes: u32,
}

impl Topics {
    /// To be made, with three copies each.
    pub fn made(&self, workload: &str) -> Vec<NewTopic> {
        let configs = [
            ("min.insync.replicas", self.min_in_sync.to_string()),
            ("segment.bytes", self.segment_bytes.to_string()),
            // A record that is deleted and one that is lost look alike.
            ("retention.ms", "-1".to_owned()),
        ];
        let topic = |(number, count): (usize, &u32)| NewTopic {
            name: name(workload, number).into(),
            partitions: Some(*count),
            replication_factor: Some(3),
            configs: configs.iter().map(|(key, value)| ((*key).to_owned(), value.clone())).collect(),
        };
        self.partitions.iter().enumerate().map(topic).collect()
    }

    /// All partitions.
    pub fn all(&self, workload: &str) -> Vec<TopicPartition> {
        let of = |(number, count): (usize, &u32)| {
            let name = name(workload, number);
            (0..*count).map(move |number| TopicPartition::new(name.as_str(), number))
        };
        self.partitions.iter().enumerate().flat_map(of).collect()
    }
}

fn name(workload: &str, number: usize) -> String {
    format!("{workload}-{number}")
}
