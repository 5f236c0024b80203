//! `cargo learn hint`: three hints, from vague to plain.
//!
//! One at a time, since reading the third spoils what the first might have led to. The progress remembers how many were read.

use super::{meant, notice};
use crate::course::{Course, Exercise, Id};
use crate::fault::Result;
use crate::progress::Progress;
use crate::style;

/// Prints the next hint.
pub(crate) fn hint(course: &Course, id: Option<Id>) -> Result<u8> {
    let progress = Progress::peek(course);
    notice(&progress);
    let (_, exercise) = meant(course, &progress, id)?;
    print!("{}", next_hint(course, exercise, &progress, false));
    Ok(0)
}

/// The next hint; after the last, all of them.
pub(crate) fn next_hint(course: &Course, exercise: &Exercise, progress: &Progress, keys: bool) -> String {
    let (id, all) = (exercise.id, exercise.hints.len());
    let shown = progress.entry(id).hints;
    let mut text = String::new();
    let fresh = shown < all;
    let range = if fresh { shown..shown + 1 } else { 0..all };
    for number in range {
        let hint = format!("{id}, hint {} of {all}: {}", number + 1, exercise.hints[number]);
        text.push_str(&style::prose(&hint, ""));
    }
    text.push_str(&match shown + 1 {
        _ if !fresh => {
            let typed = format!("type `cargo learn solution {id} --give-up`");
            format!(
                "\nThat is all. To see how the course does it, {}\n",
                if keys { "press s".to_owned() } else { typed }
            )
        }
        next if next < all && keys => "\nNot enough? The next one says more: press h\n".to_owned(),
        next if next < all => format!("\nNot enough? The next one says more: cargo learn hint {id}\n"),
        _ => String::new(),
    });
    let remembered = Progress::update(course, |progress| progress.entry_mut(id).hints = all.min(shown + 1));
    if let Err(fault) = remembered {
        text.push_str(&format!("\n(It could not be noted that you saw this: {fault})\n"));
    }
    text
}
