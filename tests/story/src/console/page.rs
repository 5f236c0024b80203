//! A page of Markdown, read for its console blocks alone.

use std::ops::Range;

/// A page and the commands that it shows, in order.
#[derive(Debug)]
pub(super) struct Page {
    /// As written, split at `\n`: the page can be put together again to the byte.
    lines: Vec<String>,
    pub(super) commands: Vec<Shown>,
}

/// What is done with a line that somebody types.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Act {
    /// `sh` runs it.
    Run,
    /// `sh` starts it, and it has a prompt of its own.
    Begin,
    /// It is typed at the prompt that was begun last.
    Type,
}

/// One `$ command`, or a line at another program's prompt, and what the page says is printed.
#[derive(Debug)]
pub(super) struct Shown {
    /// Where the command stands, counted from 1.
    pub(super) line: usize,
    pub(super) act: Act,
    /// What `sh` runs, perhaps several lines; or what is typed.
    pub(super) script: String,
    /// Without indentation, without spaces at the end.
    pub(super) expected: Vec<String>,
    /// Where `expected` stands in the page.
    pub(super) shows: Place,
    /// How it must end.
    pub(super) status: i32,
}

/// A stretch of a page's lines, counted from 0.
#[derive(Debug, Clone)]
pub(super) struct Place {
    lines: Range<usize>,
    indent: usize,
}

/// A block that cannot be understood.
#[derive(Debug)]
pub(super) struct Fault {
    pub(super) line: usize,
    pub(super) what: String,
}

impl Page {
    pub(super) fn parse(text: &str) -> Result<Self, Fault> {
        let lines: Vec<String> = text.split('\n').map(str::to_owned).collect();
        let mut commands = Vec::new();
        let mut at = 0;
        while at < lines.len() {
            let Some(fence) = Fence::open(&lines[at]) else {
                at += 1;
                continue;
            };
            let end = (at + 1..lines.len()).find(|&line| fence.is_closed_by(&lines[line]));
            let marking = Marking::parse(&fence.info).map_err(|what| Fault { line: at + 1, what })?;
            if let Some(Marking::Run { .. } | Marking::Prompt) = marking {
                let end = end.ok_or_else(|| fault(at, "this console block is never closed"))?;
                let block = Block { lines: &lines, inside: at + 1..end, indent: fence.indent };
                commands.extend(match marking {
                    Some(Marking::Run { status }) => block.commands(status)?,
                    _ => block.dialog()?,
                });
            }
            at = end.unwrap_or(lines.len()) + 1;
        }
        Ok(Self { lines, commands })
    }

    /// Replaces what some commands print. The places are in order.
    pub(super) fn rewrite(&mut self, changes: Vec<(Place, Vec<String>)>) {
        // From the end, so that the places before stay where they are.
        for (place, lines) in changes.into_iter().rev() {
            let indent = " ".repeat(place.indent);
            let lines = lines.into_iter().map(|line| if line.is_empty() { line } else { format!("{indent}{line}") });
            self.lines.splice(place.lines, lines);
        }
    }

    pub(super) fn text(&self) -> String {
        self.lines.join("\n")
    }
}

/// A line that opens a block of code.
struct Fence {
    indent: usize,
    mark: char,
    length: usize,
    info: String,
}

impl Fence {
    fn open(line: &str) -> Option<Self> {
        let bare = line.trim_start();
        let mark = bare.chars().next().filter(|mark| matches!(mark, '`' | '~'))?;
        let info = bare.trim_start_matches(mark);
        let length = bare.len() - info.len();
        // With a backtick behind it, it is code within a line of text.
        let is_fence = length >= 3 && !(mark == '`' && info.contains('`'));
        is_fence.then(|| Self { indent: line.len() - bare.len(), mark, length, info: info.trim().to_owned() })
    }

    fn is_closed_by(&self, line: &str) -> bool {
        let bare = line.trim();
        bare.len() >= self.length && bare.chars().all(|c| c == self.mark)
    }
}

/// What a block's info string says about it.
#[derive(Debug, PartialEq)]
enum Marking {
    /// The last command must end with `status`.
    Run { status: i32 },
    /// It is a dialog with a program that has a prompt.
    Prompt,
    /// With a reason, which is for the people who read the page's source.
    Ignore,
}

impl Marking {
    /// None if the block is no console block.
    fn parse(info: &str) -> Result<Option<Self>, String> {
        let Some(rest) = info.strip_prefix("console") else { return Ok(None) };
        if rest.starts_with(|c: char| c.is_alphanumeric() || matches!(c, '-' | '_')) {
            return Ok(None);
        }
        if rest.is_empty() {
            return Ok(Some(Self::Run { status: 0 }));
        }
        if rest == ",prompt" {
            return Ok(Some(Self::Prompt));
        }
        if rest.strip_prefix(",ignore=").is_some_and(|reason| !reason.trim().is_empty()) {
            return Ok(Some(Self::Ignore));
        }
        match rest.strip_prefix(",status=").map(str::parse) {
            Some(Ok(status @ 1..=255)) => Ok(Some(Self::Run { status })),
            _ => Err(format!(
                "`{info}`: a console block is marked `console`, `console,status=1`, `console,prompt` or \
                 `console,ignore=reason`"
            )),
        }
    }
}

/// The lines between two fences.
struct Block<'a> {
    lines: &'a [String],
    inside: Range<usize>,
    indent: usize,
}

impl Block<'_> {
    fn commands(&self, last_status: i32) -> Result<Vec<Shown>, Fault> {
        let mut commands = Vec::new();
        let mut at = self.inside.start;
        while at < self.inside.end {
            let command = self.command(at)?;
            at = command.as_ref().map_or(at + 1, |command| command.shows.lines.end);
            commands.extend(command);
        }
        let Some(last) = commands.last_mut() else {
            return Err(fault(self.inside.start - 1, "this console block shows no `$ command`"));
        };
        last.status = last_status;
        Ok(commands)
    }

    /// A dialog: perhaps `$ command` first, and then lines `> text`.
    fn dialog(&self) -> Result<Vec<Shown>, Fault> {
        let mut typed = Vec::new();
        let mut at = self.inside.start;
        while at < self.inside.end {
            let line = self.line(at);
            let (act, script) = match (line.strip_prefix("$ "), line.strip_prefix("> ")) {
                (Some(command), None) if typed.is_empty() => (Act::Begin, command),
                (None, Some(text)) => (Act::Type, text),
                _ => return Err(fault(at, &format!("`{line}` stands where a line `> text` is expected"))),
            };
            let is_next = |line: &usize| self.line(*line).starts_with("> ");
            let until = (at + 1..self.inside.end).find(is_next).unwrap_or(self.inside.end);
            typed.push(self.shown(at, at + 1..until, act, script.to_owned()));
            at = until;
        }
        match typed.is_empty() {
            true => Err(fault(self.inside.start - 1, "this console block shows nothing that is typed")),
            false => Ok(typed),
        }
    }

    /// The command that begins at a line; none if the line is blank.
    fn command(&self, first: usize) -> Result<Option<Shown>, Fault> {
        let line = self.line(first);
        if line.is_empty() {
            return Ok(None);
        }
        let Some(command) = line.strip_prefix("$ ").map(str::trim).filter(|command| !command.is_empty()) else {
            return Err(fault(first, &format!("`{line}` stands where a `$ command` is expected")));
        };
        let mut script = command.to_owned();
        let mut at = first + 1;
        while at < self.inside.end {
            let line = self.line(at);
            let goes_on = line.strip_prefix("> ").or((line == ">").then_some(""));
            if goes_on.is_none() && !script.ends_with('\\') {
                break;
            }
            script = format!("{script}\n{}", goes_on.unwrap_or(line));
            at += 1;
        }
        let until = (at..self.inside.end).find(|&line| self.line(line).starts_with("$ ")).unwrap_or(self.inside.end);
        Ok(Some(self.shown(first, at..until, Act::Run, script)))
    }

    /// What stands at `first`, and below it, without blank lines at the end, what is printed.
    fn shown(&self, first: usize, below: Range<usize>, act: Act, script: String) -> Shown {
        let begin = below.start;
        let end = below.rev().find(|&line| !self.line(line).is_empty()).map_or(begin, |last| last + 1);
        let expected = (begin..end).map(|line| self.line(line).to_owned()).collect();
        let shows = Place { lines: begin..end, indent: self.indent };
        Shown { line: first + 1, act, script, expected, shows, status: 0 }
    }

    /// A line of the block without the fence's indentation and without spaces at its end.
    fn line(&self, index: usize) -> &str {
        let line = self.lines[index].trim_end();
        let spaces = line.len() - line.trim_start_matches(' ').len();
        &line[spaces.min(self.indent)..]
    }
}

/// A printed line as the page must write it, so that it is read as that line.
pub(super) fn escaped(line: &str, is_behind_typing: bool) -> String {
    let is_fence = line.trim_start().starts_with("```") || line.trim_start().starts_with("~~~");
    let is_command = line.starts_with("$ ") || (is_behind_typing && line.starts_with('>'));
    if is_fence || is_command || line == "..." { format!("[..]{line}") } else { line.to_owned() }
}

fn fault(line: usize, what: &str) -> Fault {
    Fault { line: line + 1, what: what.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_info_string_is_understood_or_refused() {
        for other in ["", "rust", "consoles", "console-session", "sh,console"] {
            assert_eq!(Marking::parse(other), Ok(None), "{other}");
        }
        assert_eq!(Marking::parse("console"), Ok(Some(Marking::Run { status: 0 })));
        assert_eq!(Marking::parse("console,status=3"), Ok(Some(Marking::Run { status: 3 })));
        assert_eq!(Marking::parse("console,prompt"), Ok(Some(Marking::Prompt)));
        assert_eq!(Marking::parse("console,ignore=it needs a network"), Ok(Some(Marking::Ignore)));
        for wrong in ["console,status=0", "console,status=", "console,ignore=", "console,ignore", "console status=1"] {
            assert!(Marking::parse(wrong).unwrap_err().contains(wrong));
        }
    }

    #[test]
    fn only_console_blocks_are_read() {
        let text = "````markdown\n```console\n$ no\n```\n````\n\n`console` ```console```\n\n  ~~~console\n  $ yes\n    in\n\n  ~~~\n";
        let page = Page::parse(text).unwrap();
        let [command] = &page.commands[..] else { panic!("{page:?}") };
        assert_eq!((command.line, command.script.as_str()), (10, "yes"));
        assert_eq!(command.expected, ["  in"]);
        assert_eq!(page.text(), text);
    }

    #[test]
    fn a_command_goes_on_after_a_backslash_and_after_a_prompt() {
        let text = "```console\n$ a \\\n  b\n> c\n>\n> d\nout\n> out\n\n$ e\n```\n";
        let page = Page::parse(text).unwrap();
        assert_eq!(page.commands[0].script, "a \\\n  b\nc\n\nd");
        assert_eq!(page.commands[0].expected, ["out", "> out"]);
        assert_eq!(page.commands[1].script, "e");
        assert!(page.commands[1].expected.is_empty());
    }

    #[test]
    fn a_dialog_is_read_line_by_line() {
        let text = "```console,prompt\n$ a b\nhello\n> one\n1\n\n2\n\n> two\n```\n```console,prompt\n> three\n3\n```\n";
        let page = Page::parse(text).unwrap();
        let read: Vec<_> =
            page.commands.iter().map(|shown| (shown.act, shown.script.as_str(), shown.expected.join("|"))).collect();
        let expected = [
            (Act::Begin, "a b", "hello"),
            (Act::Type, "one", "1||2"),
            (Act::Type, "two", ""),
            (Act::Type, "three", "3"),
        ];
        assert_eq!(read, expected.map(|(act, script, printed)| (act, script, printed.to_owned())));
    }

    #[test]
    fn what_would_be_misread_is_escaped() {
        for line in ["$ x", "...", "```", "  ~~~~", "> x"] {
            assert_eq!(escaped(line, true), format!("[..]{line}"));
        }
        for line in ["", "x", "$", "....", "a > b"] {
            assert_eq!(escaped(line, true), line);
        }
        assert_eq!(escaped("> x", false), "> x");
    }

    #[test]
    fn a_block_that_cannot_be_understood_is_a_fault() {
        let what = |text: &str| {
            let fault = Page::parse(text).unwrap_err();
            (fault.line, fault.what)
        };
        assert_eq!(what("x\n```console\n$ a\n"), (2, "this console block is never closed".into()));
        assert_eq!(what("```console\n\n```\n"), (1, "this console block shows no `$ command`".into()));
        assert_eq!(what("```console\nout\n$ a\n```\n"), (2, "`out` stands where a `$ command` is expected".into()));
        assert_eq!(what("```console,prompt\nout\n```\n"), (2, "`out` stands where a line `> text` is expected".into()));
        assert_eq!(what("```console,prompt\n```\n"), (1, "this console block shows nothing that is typed".into()));
        assert_eq!(what("```console\n$ \n```\n"), (2, "`$` stands where a `$ command` is expected".into()));
    }
}
