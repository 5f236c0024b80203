//! Finds functions in Rust source and replaces their bodies, and nothing else.
//!
//! ```text
//!   text ──syn──▶ spans ──▶ byte ranges ──splice──▶ text
//! ```
//!
//! The source is parsed only to learn *where* a body stands. The change is then made to the text, so formatting, comments
//! and line endings outside the body stay as they were. Nothing is ever printed back from the syntax tree.
//!
//! Left out: functions that a macro writes have no place in the text and cannot be named; neither can a function that
//! stands inside another function.

use std::ops::Range;

use proc_macro2::{TokenStream, TokenTree};

use crate::hole::Item;

/// A function, as byte ranges into the text it was found in.
#[derive(Debug, Clone)]
pub(crate) struct Found {
    /// The body with its braces.
    pub(crate) body: Range<usize>,
    /// The line (from 1) on which `fn` stands.
    pub(crate) line: usize,
    /// The signature in a normal form: two that are equal have the same names, types and parameters.
    pub(crate) signature: String,
    /// The body in a normal form that ignores comments and spacing.
    pub(crate) tokens: String,
    /// Why `todo!` and variants cannot stand in this body, if so.
    pub(crate) unfit: Option<&'static str>,
}

/// Why a function was not found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Missing {
    /// The text is not Rust, as far as it was understood.
    Syntax { line: usize, column: usize, message: String },
    /// No such function.
    Absent(String),
    /// More than one, so none is meant.
    Ambiguous(String),
}

/// A parsed file, ready to be asked for functions.
pub(crate) struct Source<'t> {
    text: &'t str,
    file: syn::File,
    /// syn does not count a byte order mark.
    mark: usize,
}

struct Function<'f> {
    signature: &'f syn::Signature,
    block: &'f syn::Block,
}

impl<'t> Source<'t> {
    /// Parses the text.
    pub(crate) fn parse(text: &'t str) -> Result<Source<'t>, Missing> {
        let bare = text.strip_prefix('\u{feff}').unwrap_or(text);
        let file = syn::parse_file(bare).map_err(|error| {
            let at = error.span().start();
            let message = match error.to_string() {
                unread if unread.contains("token stream") => {
                    "a bracket or a quote is not closed, or closed once too often".to_owned()
                }
                message => message,
            };
            Missing::Syntax { line: at.line, column: at.column + 1, message }
        })?;
        Ok(Source { text, file, mark: text.len() - bare.len() })
    }

    /// Finds the one function that `item` names.
    pub(crate) fn find(&self, item: &Item) -> Result<Found, Missing> {
        let mut functions = Vec::new();
        match item {
            Item::Plain(path) => plain(&self.file.items, path, &mut functions),
            Item::OfTrait { implementor, trait_, name } => {
                of_trait(&self.file.items, [implementor, trait_, name], &mut functions);
            }
        }
        match functions.as_slice() {
            [one] => Ok(self.found(one)),
            [] => Err(Missing::Absent(item.to_string())),
            _ => Err(Missing::Ambiguous(item.to_string())),
        }
    }

    /// The names of all functions at the top and in `impl` blocks, in the order of the text.
    pub(crate) fn function_names(&self) -> Vec<String> {
        let mut names = Vec::new();
        for item in &self.file.items {
            match item {
                syn::Item::Fn(function) => names.push(function.sig.ident.to_string()),
                syn::Item::Impl(block) => {
                    names.extend(methods(&block.items).map(|method| method.sig.ident.to_string()));
                }
                _ => {}
            }
        }
        names
    }

    fn found(&self, function: &Function<'_>) -> Found {
        let shift = |range: Range<usize>| range.start + self.mark..range.end + self.mark;
        let braces = function.block.brace_token.span;
        let body = shift(braces.open().byte_range().start..braces.close().byte_range().end);
        let keyword = function.signature.fn_token.span.start();
        debug_assert!(self.text[body.clone()].starts_with('{') && self.text[body.clone()].ends_with('}'));
        Found {
            tokens: normal(self.text[body.clone()].parse().unwrap_or_default()),
            body,
            line: keyword.line,
            signature: normal(quoted(function.signature)),
            unfit: unfit(function.signature),
        }
    }
}

/// Forgets the texts that this thread has parsed. The parser keeps them all, which adds up on a screen that is drawn for an
/// evening. No [`Source`] of this thread may be used afterwards.
pub(crate) fn forget() {
    proc_macro2::extra::invalidate_current_thread_spans();
}

/// Replaces ranges of a text. The ranges must not overlap; their order does not matter.
pub(crate) fn splice(text: &str, mut changes: Vec<(Range<usize>, String)>) -> String {
    changes.sort_by_key(|(range, _)| range.start);
    let mut spliced = String::with_capacity(text.len());
    let mut done = 0;
    for (range, new) in changes {
        spliced.push_str(&text[done..range.start]);
        spliced.push_str(&new);
        done = range.end;
    }
    spliced.push_str(&text[done..]);
    spliced
}

/// The white space with which the line starts in which `at` stands.
pub(crate) fn indent(text: &str, at: usize) -> &str {
    let line = &text[text[..at].rfind('\n').map_or(0, |newline| newline + 1)..];
    let line = line.strip_prefix('\u{feff}').unwrap_or(line);
    &line[..line.len() - line.trim_start_matches([' ', '\t']).len()]
}

/// The line ending that the text uses.
pub(crate) fn newline(text: &str) -> &'static str {
    if text.contains("\r\n") { "\r\n" } else { "\n" }
}

fn plain<'f>(items: &'f [syn::Item], path: &[String], into: &mut Vec<Function<'f>>) {
    let [first, rest @ ..] = path else { return };
    for item in items {
        match item {
            syn::Item::Fn(function) if rest.is_empty() && function.sig.ident == first => {
                into.push(Function { signature: &function.sig, block: &function.block });
            }
            syn::Item::Mod(module) if !rest.is_empty() && module.ident == first => {
                let inner = module.content.as_ref().map_or(&[][..], |(_, items)| items);
                plain(inner, rest, into);
            }
            syn::Item::Impl(block) if block.trait_.is_none() && last_name(&block.self_ty) == *first => {
                if let [name] = rest {
                    method(&block.items, name, into);
                }
            }
            syn::Item::Trait(trait_) if trait_.ident == first => {
                if let [name] = rest {
                    default_method(&trait_.items, name, into);
                }
            }
            _ => {}
        }
    }
}

fn of_trait<'f>(items: &'f [syn::Item], wanted: [&str; 3], into: &mut Vec<Function<'f>>) {
    let [implementor, trait_, name] = wanted;
    for item in items {
        match item {
            syn::Item::Impl(block) => {
                let Some((_, path, _)) = &block.trait_ else { continue };
                if names(&block.self_ty, implementor) && names_path(path, trait_) {
                    method(&block.items, name, into);
                }
            }
            syn::Item::Mod(module) => {
                let inner = module.content.as_ref().map_or(&[][..], |(_, items)| items);
                of_trait(inner, wanted, into);
            }
            _ => {}
        }
    }
}

fn methods(items: &[syn::ImplItem]) -> impl Iterator<Item = &syn::ImplItemFn> {
    items.iter().filter_map(|item| if let syn::ImplItem::Fn(method) = item { Some(method) } else { None })
}

fn method<'f>(items: &'f [syn::ImplItem], name: &str, into: &mut Vec<Function<'f>>) {
    let named = methods(items).filter(|method| method.sig.ident == name);
    into.extend(named.map(|method| Function { signature: &method.sig, block: &method.block }));
}

fn default_method<'f>(items: &'f [syn::TraitItem], name: &str, into: &mut Vec<Function<'f>>) {
    for item in items {
        let syn::TraitItem::Fn(method) = item else { continue };
        let Some(block) = &method.default else { continue };
        if method.sig.ident == name {
            into.push(Function { signature: &method.sig, block });
        }
    }
}

/// Whether a type is the one that is wanted: by its last name alone, or with its generics where these are given.
fn names(ty: &syn::Type, wanted: &str) -> bool {
    if wanted.contains('<') || wanted.contains('&') {
        return squeezed(&normal(quoted(ty))) == squeezed(wanted);
    }
    last_name(ty) == wanted
}

fn names_path(path: &syn::Path, wanted: &str) -> bool {
    let Some(last) = path.segments.last() else { return false };
    if wanted.contains('<') { squeezed(&normal(quoted(last))) == squeezed(wanted) } else { last.ident == wanted }
}

fn last_name(ty: &syn::Type) -> String {
    match ty {
        syn::Type::Path(path) => path.path.segments.last().map_or(String::new(), |last| last.ident.to_string()),
        syn::Type::Reference(reference) => last_name(&reference.elem),
        _ => String::new(),
    }
}

fn unfit(signature: &syn::Signature) -> Option<&'static str> {
    if signature.constness.is_some() {
        return Some("it is a `const fn`, whose body cannot be chosen at run time");
    }
    let syn::ReturnType::Type(_, ty) = &signature.output else { return None };
    let hidden =
        quoted(ty.as_ref()).into_iter().any(|token| matches!(&token, TokenTree::Ident(word) if word == "impl"));
    hidden.then_some("it returns `impl Trait`, for which a `todo!()` has no type")
}

fn quoted(item: &impl quote::ToTokens) -> TokenStream {
    item.to_token_stream()
}

/// Tokens joined by single spaces. Written by hand because the library's own printing may change with its version, and
/// what is made of it (a pass remembers the hash of a body) outlives a version.
fn normal(tokens: TokenStream) -> String {
    let mut words = Vec::new();
    flatten(tokens, &mut words);
    words.join(" ")
}

fn flatten(tokens: TokenStream, into: &mut Vec<String>) {
    for token in tokens {
        let TokenTree::Group(group) = token else {
            into.push(token.to_string());
            continue;
        };
        let (open, close) = match group.delimiter() {
            proc_macro2::Delimiter::Parenthesis => ("(", ")"),
            proc_macro2::Delimiter::Brace => ("{", "}"),
            proc_macro2::Delimiter::Bracket => ("[", "]"),
            proc_macro2::Delimiter::None => ("", ""),
        };
        into.push(open.to_owned());
        flatten(group.stream(), into);
        // A formatter adds and removes trailing commas.
        into.pop_if(|last| last == ",");
        into.push(close.to_owned());
    }
}

fn squeezed(text: &str) -> String {
    text.split_whitespace().collect()
}

#[cfg(test)]
#[path = "source_tests.rs"]
mod tests;
