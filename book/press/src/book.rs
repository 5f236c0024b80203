//! Building: from the sources to a folder of HTML.

use std::fs;
use std::path::{Path, PathBuf};

use mdbook_driver::MDBook;
use mdbook_driver::book::BookItem;
use mdbook_driver::builtin_preprocessors::IndexPreprocessor;
use mdbook_driver::config::Config;

use crate::directives::Directives;
use crate::{Error, House, Result, Site, warnings};

/// A book that was built, and what is known of it.
#[derive(Debug)]
pub struct Built {
    /// The files.
    pub site: Site,
    /// The pages of `SUMMARY.md`, by their path from `book/src`.
    pub pages: Vec<Page>,
    /// What mdBook warned of.
    pub warnings: Vec<String>,
}

/// One page as its author wrote it.
#[derive(Clone, Debug)]
pub struct Page {
    /// Its path from `book/src`: `01-segment-log.md`.
    pub path: PathBuf,
    /// Its text, with its directives.
    pub markdown: String,
}

/// Builds the book into memory. The folder that mdBook writes to is gone when this returns.
///
/// # Errors
/// [`crate::Faults`] when a directive does not resolve; otherwise what mdBook could not read or write.
pub fn build(house: &House) -> Result<Built> {
    let folder = tempfile::Builder::new().prefix("press-").tempdir()?;
    let (pages, warnings) = write(house, folder.path())?;
    Ok(Built { site: Site::read(folder.path())?, pages, warnings })
}

/// Builds the book into a folder, and returns what mdBook warned of. What was in the folder is removed.
///
/// # Errors
/// As for [`build`]; and when the folder holds something that is no book, so that nothing is lost by a wrong path.
pub fn build_into(house: &House, dest: &Path) -> Result<Vec<String>> {
    let dest = std::path::absolute(dest)?;
    let is_empty = fs::read_dir(&dest).map_or(true, |mut entries| entries.next().is_none());
    // mdBook writes this file into every book.
    if !is_empty && !dest.join(".nojekyll").is_file() {
        return Err(Error::msg(format!(
            "{}: the folder is not empty and holds no book; building would remove what is in it",
            dest.display()
        )));
    }
    write(house, &dest).map(|(_, warnings)| warnings)
}

fn write(house: &House, dest: &Path) -> Result<(Vec<Page>, Vec<String>)> {
    let (result, warnings) = warnings::collect(|| -> Result<Vec<Page>> {
        let mut book = MDBook::load_with_config(house.book(), config(house, dest)?)?;
        book.with_preprocessor(Directives::new(house));
        book.with_preprocessor(IndexPreprocessor::new());
        book.build()?;
        Ok(pages(&book))
    });
    Ok((result?, warnings))
}

/// The book's own configuration, with what this program decides.
fn config(house: &House, dest: &Path) -> Result<Config> {
    let mut config = Config::from_disk(house.book().join("book.toml"))?;
    config.build.build_dir = dest.to_path_buf();
    // A page that SUMMARY.md names and that is missing is a fault, not a page to invent.
    config.build.create_missing = false;
    // mdBook's `{{#include}}` prints nothing for an anchor that does not exist. We have `{{#code}}`.
    config.build.use_default_preprocessors = false;
    Ok(config)
}

fn pages(book: &MDBook) -> Vec<Page> {
    let chapters = book.iter().filter_map(|item| match item {
        BookItem::Chapter(chapter) => Some(chapter),
        _ => None,
    });
    chapters
        .filter_map(|chapter| Some(Page { path: chapter.source_path.clone()?, markdown: chapter.content.clone() }))
        .collect()
}
