//! Finds an item of a Rust source by its path and cuts its text out.
//!
//! The source carries no marks for the book. `syn` tells where an item begins and ends, and the text between is taken as
//! it was written: with its comments, its spacing and, unless refused, its documentation.

use std::ops::Range;

use syn::spanned::Spanned;
use syn::{Attribute, Ident, ImplItem, Item, ItemImpl, TraitItem};

use super::item_path::{ItemPath, packed};

/// The text of an item.
#[derive(Debug, PartialEq)]
pub(super) struct Excerpt {
    /// Without the indentation that all its lines share.
    pub(super) text: String,
    /// The line of the file that it begins on, counted from 1.
    pub(super) line: usize,
}

/// Cuts an item out of a source.
///
/// # Errors
/// The rule that is broken, when the source is no Rust, or when it has no such item, or more than one.
pub(super) fn cut(source: &str, path: &ItemPath, docs: bool) -> Result<Excerpt, String> {
    let file = syn::parse_file(source)
        .map_err(|error| format!("the file is not valid Rust: line {}: {error}", error.span().start().line))?;
    let found = Finder { source }.find(&file.items, path);
    let excerpt = match found.as_slice() {
        [] => Err(format!("the file has no item `{path}`; an item is named as in Rust, from the top of its file")),
        [one] => Ok(take(source, one, docs)),
        many => Err(ambiguous(path, many)),
    };
    // The spans of this thread pile up otherwise: `press serve` parses the same files all day.
    drop((file, found));
    proc_macro2::extra::invalidate_current_thread_spans();
    excerpt
}

fn ambiguous(path: &ItemPath, found: &[Found]) -> String {
    let names: Vec<&str> = found.iter().map(|one| one.name.as_str()).collect();
    format!("`{path}` is ambiguous, the file has {} of it: {}; name one in full", found.len(), names.join(", "))
}

/// An item that answers to the path.
struct Found {
    /// How it is named in full.
    name: String,
    range: Range<usize>,
    /// Its own documentation, not that of its fields.
    docs: Vec<Range<usize>>,
}

fn found(name: String, item: &impl Spanned, attributes: &[Attribute]) -> Found {
    let is_doc = |one: &&Attribute| matches!(one.style, syn::AttrStyle::Outer) && one.path().is_ident("doc");
    let docs = attributes.iter().filter(is_doc).map(|one| one.span().byte_range()).collect();
    Found { name, range: item.span().byte_range(), docs }
}

struct Finder<'s> {
    source: &'s str,
}

impl Finder<'_> {
    fn find(&self, items: &[Item], path: &ItemPath) -> Vec<Found> {
        match path {
            ItemPath::Plain(segments) => self.plain(items, segments),
            ItemPath::Impl { of, of_trait, member } => self.in_trait_impls(items, of, of_trait, member.as_deref()),
        }
    }

    fn plain(&self, items: &[Item], segments: &[String]) -> Vec<Found> {
        let [first, rest @ ..] = segments else {
            return Vec::new();
        };
        if rest.is_empty() {
            let named = items.iter().filter_map(|item| Some((item, item_parts(item)?)));
            let named = named.filter(|(_, (name, _))| *name == first);
            return named.map(|(item, (_, attributes))| found(first.clone(), item, attributes)).collect();
        }
        let modules = items.iter().filter_map(|item| match item {
            Item::Mod(module) if module.ident == first => module.content.as_ref(),
            _ => None,
        });
        let mut all: Vec<Found> = modules.flat_map(|(_, items)| self.plain(items, rest)).collect();
        if let [member] = rest {
            all.extend(self.in_type(items, first, member));
            all.extend(in_trait(items, first, member));
        }
        all
    }

    /// `Type::member`: an inherent one if there is one, as in Rust, otherwise one from a trait.
    fn in_type(&self, items: &[Item], of: &str, member: &str) -> Vec<Found> {
        let of_type = impls(items).filter(|one| self.is_type(one, of));
        let (from_traits, inherent): (Vec<_>, Vec<_>) = of_type.partition(|one| one.trait_.is_some());
        let search = |impls: Vec<&ItemImpl>| impls.iter().flat_map(|one| self.in_impl(one, member)).collect::<Vec<_>>();
        let first_choice = search(inherent);
        if first_choice.is_empty() { search(from_traits) } else { first_choice }
    }

    fn in_trait_impls(&self, items: &[Item], of: &str, of_trait: &str, member: Option<&str>) -> Vec<Found> {
        let chosen = impls(items).filter(|one| self.is_type(one, of) && self.is_trait(one, of_trait));
        match member {
            Some(member) => chosen.flat_map(|one| self.in_impl(one, member)).collect(),
            None => chosen.map(|one| found(self.impl_name(one), one, &one.attrs)).collect(),
        }
    }

    fn in_impl(&self, one: &ItemImpl, member: &str) -> Vec<Found> {
        let named = one.items.iter().filter_map(|item| Some((item, impl_item_parts(item)?)));
        let named = named.filter(|(_, (name, _))| *name == member);
        let full = || format!("{}::{member}", self.impl_name(one));
        named.map(|(item, (_, attributes))| found(full(), item, attributes)).collect()
    }

    fn is_type(&self, one: &ItemImpl, name: &str) -> bool {
        self.answers_to(one.self_ty.span().byte_range(), name)
    }

    fn is_trait(&self, one: &ItemImpl, name: &str) -> bool {
        one.trait_.as_ref().is_some_and(|(_, path, _)| self.answers_to(path.span().byte_range(), name))
    }

    /// Whether a type or a trait, as it is written there, answers to a name: in full, or without its module and its
    /// arguments. `crate::Log<F>` answers to `Log`, and `(A, B)` to `(A,B)`.
    fn answers_to(&self, range: Range<usize>, name: &str) -> bool {
        let written = packed(&self.source[range]);
        let bare = written.split('<').next().unwrap_or_default();
        written == name || bare.rsplit("::").next() == Some(name)
    }

    fn impl_name(&self, one: &ItemImpl) -> String {
        let of = packed(&self.source[one.self_ty.span().byte_range()]);
        match &one.trait_ {
            Some((_, path, _)) => format!("<{of} as {}>", packed(&self.source[path.span().byte_range()])),
            None => of,
        }
    }
}

fn impls(items: &[Item]) -> impl Iterator<Item = &ItemImpl> {
    items.iter().filter_map(|item| match item {
        Item::Impl(one) => Some(one),
        _ => None,
    })
}

fn in_trait(items: &[Item], of: &str, member: &str) -> Vec<Found> {
    let traits = items.iter().filter_map(|item| match item {
        Item::Trait(one) if one.ident == of => Some(one),
        _ => None,
    });
    let named = traits.flat_map(|one| &one.items).filter_map(|item| Some((item, trait_item_parts(item)?)));
    let named = named.filter(|(_, (name, _))| *name == member);
    named.map(|(item, (_, attributes))| found(format!("{of}::{member}"), item, attributes)).collect()
}

/// The text of an item from the first column of its first line.
fn take(source: &str, found: &Found, docs: bool) -> Excerpt {
    let mut at = line_start(source, found.range.start);
    let mut kept = Vec::new();
    for doc in found.docs.iter().filter(|_| !docs) {
        kept.push(at..line_start(source, doc.start));
        at = next_line(source, doc.end);
    }
    kept.push(at..found.range.end);
    kept.retain(|range| !range.is_empty());
    let first = kept.first().map_or(found.range.start, |range| range.start);
    let text: String = kept.into_iter().map(|range| &source[range]).collect();
    Excerpt { text: dedent(&text), line: source[..first].bytes().filter(|&byte| byte == b'\n').count() + 1 }
}

/// The start of the line, if only spaces stand between it and this place.
fn line_start(source: &str, at: usize) -> usize {
    let line = source[..at].rfind('\n').map_or(0, |newline| newline + 1);
    if source[line..at].trim().is_empty() { line } else { at }
}

/// The start of the next line, if only spaces stand between this place and it.
fn next_line(source: &str, at: usize) -> usize {
    match source[at..].split_once('\n') {
        Some((rest, _)) if rest.trim().is_empty() => at + rest.len() + 1,
        _ => at,
    }
}

fn dedent(text: &str) -> String {
    let indentation = |line: &str| line.len() - line.trim_start_matches(' ').len();
    let shared = text.lines().filter(|line| !line.trim().is_empty()).map(indentation).min().unwrap_or(0);
    let lines: Vec<&str> = text.lines().map(|line| line.get(shared..).unwrap_or_default()).collect();
    lines.join("\n")
}

type Parts<'i> = Option<(&'i Ident, &'i [Attribute])>;

fn item_parts(item: &Item) -> Parts<'_> {
    Some(match item {
        Item::Const(one) => (&one.ident, &one.attrs),
        Item::Enum(one) => (&one.ident, &one.attrs),
        Item::Fn(one) => (&one.sig.ident, &one.attrs),
        Item::Macro(one) => (one.ident.as_ref()?, &one.attrs),
        Item::Mod(one) => (&one.ident, &one.attrs),
        Item::Static(one) => (&one.ident, &one.attrs),
        Item::Struct(one) => (&one.ident, &one.attrs),
        Item::Trait(one) => (&one.ident, &one.attrs),
        Item::Type(one) => (&one.ident, &one.attrs),
        Item::Union(one) => (&one.ident, &one.attrs),
        _ => return None,
    })
}

fn impl_item_parts(item: &ImplItem) -> Parts<'_> {
    Some(match item {
        ImplItem::Const(one) => (&one.ident, &one.attrs),
        ImplItem::Fn(one) => (&one.sig.ident, &one.attrs),
        ImplItem::Type(one) => (&one.ident, &one.attrs),
        _ => return None,
    })
}

fn trait_item_parts(item: &TraitItem) -> Parts<'_> {
    Some(match item {
        TraitItem::Const(one) => (&one.ident, &one.attrs),
        TraitItem::Fn(one) => (&one.sig.ident, &one.attrs),
        TraitItem::Type(one) => (&one.ident, &one.attrs),
        _ => return None,
    })
}
