//! Reads a page of HTML as a browser's first pass does: its tags, their attributes, and the text between.

use std::cell::RefCell;
use std::collections::BTreeMap;

use html5ever::TokenizerResult;
use html5ever::tendril::StrTendril;
use html5ever::tokenizer::states::RawKind;
use html5ever::tokenizer::{BufferQueue, Tag, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts};

/// One piece of a page.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Piece {
    Open { name: String, attributes: BTreeMap<String, String> },
    Close { name: String },
    Text(String),
}

/// The pieces of a page, in order. Text that is not broken by a tag is one piece. Comments are left out.
pub(super) fn pieces(html: &str) -> Vec<Piece> {
    let queue = BufferQueue::default();
    queue.push_back(StrTendril::from(html));
    let tokenizer = Tokenizer::new(Pieces::default(), TokenizerOpts::default());
    // A script does not run here, so the tokenizer never has to wait for one.
    while tokenizer.feed(&queue) != TokenizerResult::Done {}
    tokenizer.end();
    tokenizer.sink.0.into_inner()
}

#[derive(Default)]
struct Pieces(RefCell<Vec<Piece>>);

impl TokenSink for Pieces {
    type Handle = ();

    fn process_token(&self, token: Token, _line: u64) -> TokenSinkResult<()> {
        let mut pieces = self.0.borrow_mut();
        match token {
            Token::TagToken(tag) => {
                let next = state_after(&tag);
                pieces.push(piece(tag));
                next
            }
            Token::CharacterTokens(text) => {
                match pieces.last_mut() {
                    Some(Piece::Text(before)) => before.push_str(&text),
                    _ => pieces.push(Piece::Text(text.to_string())),
                }
                TokenSinkResult::Continue
            }
            _ => TokenSinkResult::Continue,
        }
    }
}

/// Some elements hold text in which `<` is no tag.
fn state_after(tag: &Tag) -> TokenSinkResult<()> {
    match (&tag.kind, &*tag.name) {
        (TagKind::StartTag, "script") => TokenSinkResult::RawData(RawKind::ScriptData),
        (TagKind::StartTag, "style") => TokenSinkResult::RawData(RawKind::Rawtext),
        (TagKind::StartTag, "title" | "textarea") => TokenSinkResult::RawData(RawKind::Rcdata),
        _ => TokenSinkResult::Continue,
    }
}

fn piece(tag: Tag) -> Piece {
    let name = tag.name.to_string();
    match tag.kind {
        TagKind::EndTag => Piece::Close { name },
        TagKind::StartTag => {
            let pairs = tag.attrs.iter().map(|one| (one.name.local.to_string(), one.value.to_string()));
            Piece::Open { name, attributes: pairs.collect() }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_tags_and_text() {
        let html =
            "<!DOCTYPE html><!-- <b> --><P Class=\"a\">x &amp; <br/>y</P><script>if (a < b) { \"</p>\" }</script>";
        let open = |name: &str, pairs: &[(&str, &str)]| Piece::Open {
            name: name.into(),
            attributes: pairs.iter().map(|&(k, v)| (k.into(), v.into())).collect(),
        };
        let expected = [
            open("p", &[("class", "a")]),
            Piece::Text("x & ".into()),
            open("br", &[]),
            Piece::Text("y".into()),
            Piece::Close { name: "p".into() },
            open("script", &[]),
            Piece::Text("if (a < b) { \"</p>\" }".into()),
            Piece::Close { name: "script".into() },
        ];
        assert_eq!(pieces(html), expected);
    }
}
