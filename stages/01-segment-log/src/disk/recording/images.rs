//! From notes to folders: everything that a crash at some point could leave.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::fate::{Damage, Fate};
use super::image::Image;
use super::notes::{Action, Names, Node, Origin, ROOT, Recording, apply_name};
use super::random::Random;

/// One outcome of a crash: which names and which bytes survived. Means something to its [`CrashPoint`] alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Survivors {
    /// How many operations of each folder's journal.
    kept: Vec<usize>,
    /// The fate of each loose operation.
    fates: Vec<Fate>,
}

/// The moment after a number of operations.
#[derive(Debug)]
pub struct CrashPoint<'r> {
    recording: &'r Recording,
    point: usize,
    /// For each folder, its changes since its last sync, by their numbers.
    journals: Vec<(Node, Vec<usize>)>,
    /// Writes and changes of length since their file's last sync, by their numbers. Only of files that some outcome has
    /// a name for.
    loose: Vec<usize>,
}

impl Recording {
    /// The moment after the first `point` operations.
    pub fn crash_at(&self, point: usize) -> CrashPoint<'_> {
        let (mut journals, mut loose) = (BTreeMap::<Node, Vec<usize>>::new(), BTreeSet::new());
        for (number, operation) in self.operations[..point].iter().enumerate() {
            match &operation.action {
                Action::Create { dir, .. } | Action::Rename { dir, .. } | Action::Remove { dir, .. } => {
                    journals.entry(*dir).or_default().push(number);
                }
                Action::SyncDir { dir } => drop(journals.remove(dir)),
                Action::Write { .. } | Action::SetLen { .. } => drop(loose.insert(number)),
                Action::Sync { file } => loose.retain(|&earlier| self.file_of(earlier) != Some(*file)),
            }
        }
        let mut crash = CrashPoint { recording: self, point, journals: journals.into_iter().collect(), loose: vec![] };
        let reachable = crash.reachable();
        crash.journals.retain(|(dir, _)| reachable.contains(dir));
        loose.retain(|&number| self.file_of(number).is_some_and(|file| reachable.contains(&file)));
        crash.loose = loose.into_iter().collect();
        crash
    }

    /// The file whose bytes or length an operation changes.
    fn file_of(&self, operation: usize) -> Option<Node> {
        match self.operations[operation].action {
            Action::Write { file, .. } | Action::SetLen { file, .. } => Some(file),
            _ => None,
        }
    }
}

impl CrashPoint<'_> {
    /// How many outcomes there are; `u64::MAX` if they cannot be counted. Different outcomes may look the same.
    pub fn count(&self) -> u64 {
        self.radices().fold(1, |product: u64, radix| product.saturating_mul(radix as u64))
    }

    /// Outcome number `number`, of [`count`](Self::count).
    pub fn nth(&self, mut number: u64) -> Survivors {
        let mut digits = self.radices().map(|radix| {
            let digit = (number % radix as u64) as usize;
            number /= radix as u64;
            digit
        });
        let kept = self.journals.iter().map(|(_, journal)| journal.len() - digits.next().unwrap_or(0)).collect();
        let fates = digits.zip(&self.loose).map(|(digit, &number)| self.fate(number, digit)).collect();
        Survivors { kept, fates }
    }

    /// The outcome in which all bytes arrived, and no change of a name since its folder was last synced.
    pub fn nameless(&self) -> Survivors {
        Survivors { kept: vec![0; self.journals.len()], fates: vec![Fate::Whole; self.loose.len()] }
    }

    /// The outcome in which nothing arrived that was not flushed, neither bytes nor names.
    pub fn settled(&self) -> Survivors {
        Survivors { kept: vec![0; self.journals.len()], fates: vec![Fate::Lost; self.loose.len()] }
    }

    /// An outcome by chance. Often a single operation fares otherwise than all others: what a rule forgets, it mostly
    /// forgets about one.
    pub fn sample(&self, random: &mut Random) -> Survivors {
        let journal = |journal: &Vec<usize>, random: &mut Random| match random.below(4) {
            0 | 1 => journal.len(),
            2 => 0,
            _ => random.below(journal.len() + 1),
        };
        let kept = self.journals.iter().map(|(_, changes)| journal(changes, random)).collect();
        let by_chance = |number: &usize, random: &mut Random| {
            let Action::Write { bytes, .. } = &self.recording.operations[*number].action else {
                return if random.below(2) == 0 { Fate::Whole } else { Fate::Lost };
            };
            let cut = 1 + random.below(bytes.len().max(2) - 1);
            let [torn, front, back] = cuts(cut, bytes.len());
            let kinds = [Fate::Whole, Fate::Lost, Fate::Zeroed, torn, front, back];
            // A single byte has no inside to be cut at.
            kinds[random.below(if bytes.len() < 2 { 3 } else { 6 })]
        };
        let mut fates: Vec<_> = self.loose.iter().map(|number| by_chance(number, random)).collect();
        let others = [None, Some(Fate::Whole), Some(Fate::Lost)][random.below(3)];
        if let (Some(others), false) = (others, fates.is_empty()) {
            let special = random.below(fates.len());
            let spared = fates.iter_mut().enumerate().filter(|(index, _)| *index != special);
            spared.for_each(|(_, fate)| *fate = others);
        }
        Survivors { kept, fates }
    }

    /// The folder that this outcome leaves.
    pub fn image(&self, survivors: &Survivors) -> Image {
        let mut image = Image::default();
        self.add_folder(ROOT, Path::new(""), survivors, &mut image);
        image
    }

    /// How much is missing from this outcome.
    pub fn damage(&self, survivors: &Survivors) -> Damage {
        let mut damage = Damage::default();
        let mut later = BTreeSet::new();
        for (&number, fate) in self.loose.iter().zip(&survivors.fates).rev() {
            let file = self.recording.file_of(number);
            match fate {
                Fate::Whole => drop(later.insert(file)),
                Fate::Lost => damage.lost += 1,
                Fate::Zeroed => damage.zeroed += 1,
                Fate::Torn(_) | Fate::Holed(..) => damage.torn += 1,
            }
            damage.reordered += usize::from(*fate != Fate::Whole && later.contains(&file));
        }
        let undone = self.journals.iter().zip(&survivors.kept).map(|((_, journal), kept)| journal.len() - kept);
        damage.undone = undone.sum();
        damage
    }

    /// The outcome in words: every operation that did not survive whole.
    pub fn describe(&self, survivors: &Survivors) -> String {
        let operations = &self.recording.operations;
        let mut lines = Vec::new();
        for ((_, journal), &kept) in self.journals.iter().zip(&survivors.kept) {
            lines.extend(journal[kept..].iter().map(|&number| (number, "undone".to_owned())));
        }
        for (&number, fate) in self.loose.iter().zip(&survivors.fates).filter(|(_, fate)| **fate != Fate::Whole) {
            lines.push((number, fate.to_string()));
        }
        lines.sort();
        lines.iter().map(|(number, fate)| format!("{number:5} {}: {fate}\n", operations[*number])).collect()
    }

    /// The number of choices for each journal, then for each loose operation.
    fn radices(&self) -> impl Iterator<Item = usize> {
        let journals = self.journals.iter().map(|(_, journal)| journal.len() + 1);
        journals.chain(self.loose.iter().map(|&number| match &self.recording.operations[number].action {
            Action::Write { bytes, .. } => 3 * bytes.len().max(1),
            _ => 2,
        }))
    }

    fn fate(&self, operation: usize, digit: usize) -> Fate {
        let length = match &self.recording.operations[operation].action {
            Action::Write { bytes, .. } => bytes.len(),
            _ => 0,
        };
        match digit {
            0 => Fate::Whole,
            1 => Fate::Lost,
            2 => Fate::Zeroed,
            cut => cuts(cut / 3, length)[cut % 3],
        }
    }

    /// Every file and folder that some outcome has a name for.
    fn reachable(&self) -> BTreeSet<Node> {
        let (mut reachable, mut todo) = (BTreeSet::new(), vec![ROOT]);
        while let Some(node) = todo.pop() {
            if reachable.insert(node) && matches!(self.recording.nodes[node.0], Origin::Dir(_)) {
                let journal =
                    self.journals.iter().find(|(dir, _)| *dir == node).map_or(0, |(_, journal)| journal.len());
                todo.extend((0..=journal).flat_map(|kept| self.names(node, kept).into_values()));
            }
        }
        reachable
    }

    /// A folder's names, if so many operations of its journal survived.
    fn names(&self, dir: Node, kept: usize) -> Names {
        let Origin::Dir(mut names) = self.recording.nodes[dir.0].clone() else { return Names::new() };
        let journal = self.journals.iter().find(|(of, _)| *of == dir);
        let end = journal.and_then(|(_, journal)| journal.get(kept)).map_or(self.point, |&undone| undone);
        for operation in &self.recording.operations[..end] {
            match operation.action {
                Action::Create { dir: of, .. } | Action::Rename { dir: of, .. } | Action::Remove { dir: of, .. }
                    if of == dir =>
                {
                    apply_name(&operation.action, |_| &mut names);
                }
                _ => {}
            }
        }
        names
    }

    fn add_folder(&self, dir: Node, path: &Path, survivors: &Survivors, image: &mut Image) {
        let journal = self.journals.iter().position(|(of, _)| *of == dir);
        for (name, node) in self.names(dir, journal.map_or(0, |journal| survivors.kept[journal])) {
            let path = path.join(name);
            match &self.recording.nodes[node.0] {
                Origin::Dir(_) => {
                    image.folders.push(path.clone());
                    self.add_folder(node, &path, survivors, image);
                }
                Origin::File(bytes) => {
                    let content = self.content(node, bytes.to_vec(), survivors);
                    image.files.insert(path, content);
                }
            }
        }
    }

    fn content(&self, file: Node, mut content: Vec<u8>, survivors: &Survivors) -> Vec<u8> {
        for (number, operation) in self.recording.operations[..self.point].iter().enumerate() {
            let loose = self.loose.binary_search(&number).ok();
            let fate = loose.map_or(Fate::Whole, |index| survivors.fates[index]);
            match &operation.action {
                Action::SetLen { file: of, length } if *of == file && fate == Fate::Whole => {
                    content.resize(usize::try_from(*length).expect("the real disk did it"), 0);
                }
                Action::Write { file: of, position, bytes } if *of == file => {
                    fate.write(bytes, usize::try_from(*position).expect("the real disk did it"), &mut content);
                }
                _ => {}
            }
        }
        content
    }
}

/// What a cut before byte `cut` of a write can mean: nothing behind it arrived, or nothing before it, or nothing behind
/// it though the file grew.
fn cuts(cut: usize, length: usize) -> [Fate; 3] {
    [Fate::Torn(cut), Fate::Holed(0, cut), Fate::Holed(cut, length)]
}
