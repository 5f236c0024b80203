//! What happens to files behind the log's back.

use std::error::Error;
use std::fs;
use std::path::PathBuf;

use segment_log::Offset;
use segment_log::batch::{FIELDS, HEADER_LEN};
use segment_log::segment::{LOG_SUFFIX, file_name};
use story::Args;

use super::{Answer, Driver};

/// Which byte of a log folder's file.
struct Byte {
    file: String,
    at: usize,
    /// What the byte is part of, for the answer.
    part: String,
}

impl Driver {
    /// Turns over the lowest bit of one byte: the smallest damage there is.
    pub(super) fn flip(&mut self, mut args: Args<'_>) -> Answer {
        let Byte { file, at, part } = self.byte(&mut args)?;
        args.done()?;
        let path = self.log_folder().join(&file);
        let mut bytes = fs::read(&path)?;
        let byte = bytes.get_mut(at).ok_or_else(|| format!("{file} has no byte {at}"))?;
        let was = *byte;
        *byte ^= 1;
        let is = *byte;
        fs::write(&path, &bytes)?;
        self.disk.damage(&path, |bytes| {
            if let Some(byte) = bytes.get_mut(at) {
                *byte = is;
            }
        });
        let answer = format!("{file}, byte {at}{part}: {was:02x} is now {is:02x}");
        self.note = Some(answer.clone());
        Ok(answer)
    }

    /// `offset=4 field=crc byte=0`, or `file=00000000000000000000.index byte=12`.
    fn byte(&self, args: &mut Args<'_>) -> Result<Byte, Box<dyn Error>> {
        if let Some(file) = args.key::<String>("file")? {
            if self.running.is_some() && !file.ends_with(LOG_SUFFIX) {
                return Err("an index is in memory while the log is open".into());
            }
            return Ok(Byte { file, at: args.required_key("byte")?, part: String::new() });
        }
        let offset: Offset = args.required_key("offset")?;
        let field: String = args.required_key("field")?;
        let byte = args.key("byte")?.unwrap_or(0);
        let picture = self.picture();
        let (segment, batch) = picture.batch_of(offset).ok_or("no batch holds this offset")?;
        let fields = FIELDS.into_iter().chain([("records", HEADER_LEN..batch.size)]);
        let known = fields.clone().map(|(name, _)| name).collect::<Vec<_>>().join(", ");
        let mut matching = fields.filter(|(name, _)| *name == field);
        let (_, range) = matching.next().ok_or_else(|| format!("a batch has no field `{field}`; it has {known}"))?;
        if byte >= range.len() {
            return Err(format!("{field} has {} bytes", range.len()).into());
        }
        let at = batch.position + range.start + byte;
        let part = format!(" (of {field}, in the batch at byte {})", batch.position);
        Ok(Byte { file: file_name(segment.base, LOG_SUFFIX), at, part })
    }

    pub(super) fn keep_copy(&mut self, args: Args<'_>) -> Answer {
        let (file, path) = self.file(args)?;
        let bytes = fs::read(path)?;
        let answer = format!("{} bytes copied", bytes.len());
        self.copies.insert(file, bytes);
        Ok(answer)
    }

    pub(super) fn put_back(&mut self, args: Args<'_>) -> Answer {
        let (file, path) = self.file(args)?;
        let bytes = self.copies.get(&file).ok_or("there is no copy of this file")?;
        fs::write(&path, bytes)?;
        self.disk.replace(&path, Some(bytes));
        let answer = format!("{file} is again as it was");
        self.note = Some(answer.clone());
        Ok(answer)
    }

    pub(super) fn remove(&mut self, args: Args<'_>) -> Answer {
        let (file, path) = self.file(args)?;
        fs::remove_file(&path)?;
        self.disk.replace(&path, None);
        let answer = format!("{file} is gone");
        self.note = Some(answer.clone());
        Ok(answer)
    }

    /// The file that a command names. Nobody may have the log open.
    fn file(&self, mut args: Args<'_>) -> Result<(String, PathBuf), Box<dyn Error>> {
        let file: String = args.required_key("file")?;
        args.done()?;
        if self.running.is_some() {
            return Err("the log is open: close it first".into());
        }
        let path = self.log_folder().join(&file);
        Ok((file, path))
    }
}
