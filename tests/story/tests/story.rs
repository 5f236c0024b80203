//! Stories, from the script to the text and the trace, and every way in which one fails.

use std::error::Error;
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use serde_json::{Value, json};
use story::{Args, Command, Story, System, play};

/// A queue in memory: the smallest thing that a story can drive.
#[derive(Default)]
struct Queue(Vec<String>);

impl System for Queue {
    fn run(&mut self, command: &Command) -> Result<String, Box<dyn Error>> {
        let mut args = Args::of(command);
        match command.name.as_str() {
            "append" => {
                let times: Option<usize> = args.key("times")?;
                let record: String = args.value("record")?;
                args.done()?;
                self.0.extend(std::iter::repeat_n(record, times.unwrap_or(1)));
                Ok(format!("end {}", self.0.len()))
            }
            "read" => {
                let from: usize = args.required_key("from")?;
                args.done()?;
                let records = self.0.get(from..).ok_or_else(|| format!("offset {from} is past the end"))?;
                Ok(records.join("\n"))
            }
            "clear" => {
                args.done()?;
                self.0.clear();
                Ok(String::new())
            }
            "break" => panic!("not yet implemented"),
            _ => Err(args.unknown_command()),
        }
    }

    fn state(&self) -> Value {
        json!({ "records": self.0, "end": self.0.len() })
    }
}

fn parse(script: &str) -> Result<Story, story::StoryError> {
    Story::parse(Path::new("stories/queue.story"), script)
}

/// A story with the given commands; the first stands in line 3.
fn commands(commands: &str) -> Story {
    parse(&format!("# A queue\n# needs: log\n{commands}")).unwrap()
}

fn play_error(script: &str) -> String {
    play(&commands(script), &mut Queue::default()).unwrap_err().to_string()
}

const SCRIPT: &str = "\
# A queue keeps order
# What came first is read first.
# needs: log, disk

# Two records.
append a
append \"b c\" # the second

# Read them.
# From the start.
read from=0
// Now past the end.
!read from=3
(append x times=2)

clear

# That was all.
";

#[test]
fn the_text_interleaves_commands_and_answers() {
    let text = play(&parse(SCRIPT).unwrap(), &mut Queue::default()).unwrap().text;
    let expected = "\
# A queue keeps order
# What came first is read first.
# needs: log, disk

# Two records.
append a
append \"b c\" # the second
---
end 1
end 2

# Read them.
# From the start.
read from=0
// Now past the end.
!read from=3
(append x times=2)
---
a
b c
Error: offset 3 is past the end

clear
---
ok

# That was all.
";
    assert_eq!(text, expected);
}

#[test]
fn the_trace_holds_every_step_with_the_state_after_it() {
    let story = parse(SCRIPT).unwrap();
    let trace = play(&story, &mut Queue::default()).unwrap().trace;
    assert_eq!(trace["story"], "queue");
    assert_eq!(trace["title"], "A queue keeps order");
    assert_eq!(trace["view"], "log");
    let step = |comment: &str, command: &str, answer: &str, records: &[&str]| {
        let state = json!({ "records": records, "end": records.len() });
        json!({ "comment": comment, "command": command, "answer": answer, "state": state })
    };
    let two = ["a", "b c"];
    let expected = json!([
        step("What came first is read first.\n\nTwo records.", "append a", "end 1", &["a"]),
        step("", "append \"b c\" # the second", "end 2", &two),
        step("Read them.\nFrom the start.", "read from=0", "a\nb c", &two),
        step("Now past the end.", "!read from=3", "Error: offset 3 is past the end", &two),
        step("", "(append x times=2)", "", &["a", "b c", "x", "x"]),
        step("", "clear", "", &[]),
    ]);
    assert_eq!(trace["steps"], expected);
}

#[test]
fn the_trace_file_is_the_same_every_time() {
    let story = commands("append a");
    let trace = || play(&story, &mut Queue::default()).unwrap().trace_json();
    let expected = r#"{
  "story": "queue",
  "title": "A queue",
  "view": "log",
  "steps": [
    { "comment": "", "command": "append a", "answer": "end 1", "state": { "end": 1, "records": ["a"] } }
  ]
}
"#;
    assert_eq!(trace(), expected);
    assert_eq!(trace(), trace());
}

#[test]
fn an_answer_with_a_blank_line_is_marked() {
    let text = play(&commands("append \"a\\n\\nb\"\nread from=0"), &mut Queue::default()).unwrap().text;
    assert!(text.ends_with("---\n> end 1\n> a\n> \n> b\n"), "{text}");
}

#[test]
fn line_ends_and_invisible_spaces_do_not_matter() {
    let unix = play(&commands("append a\n\nread from=0\n"), &mut Queue::default()).unwrap();
    let other = play(&commands("append a  \r\n \t \r\nread from=0\r\n  \r\n\r\n"), &mut Queue::default()).unwrap();
    assert_eq!(unix, other);
}

#[test]
fn a_failure_names_file_line_command_and_error() {
    let error = play_error("append a\n\nread from=7 # too far\nclear");
    assert_eq!(error, "stories/queue.story:5: `read from=7 # too far` failed: offset 7 is past the end");
}

#[test]
fn a_failure_that_was_expected_must_happen() {
    let error = play_error("!append a\n!read from=9");
    assert_eq!(error, "stories/queue.story:3: `!append a` was expected to fail, and answered: end 1");
}

#[test]
fn nothing_runs_after_a_failure() {
    let mut queue = Queue::default();
    play(&commands("read from=9\n!append a"), &mut queue).unwrap_err();
    play(&commands("!append a\n!append b"), &mut queue).unwrap_err();
    assert_eq!(queue.0, ["a"]);
}

#[test]
fn a_panic_is_never_the_failure_that_was_expected() {
    let story = commands("append a\n!break");
    let panic = catch_unwind(AssertUnwindSafe(|| play(&story, &mut Queue::default()))).unwrap_err();
    assert_eq!(panic.downcast_ref(), Some(&"not yet implemented"));
}

#[test]
fn an_error_shows_its_message_in_debug_output_too() {
    let error = parse("").unwrap_err();
    assert_eq!(format!("{error:?}"), error.to_string());
    assert_eq!(error.line_number(), Some(1));
}

#[test]
fn a_header_that_is_wrong_is_refused() {
    let title = "stories/queue.story:1: a story's first line is its title: `# What happens here`";
    let cases = [
        ("", title),
        ("append a\n", title),
        ("#\n# needs: log\n", title),
        ("# needs: log\n# Title\nappend a\n", title),
        ("\n# Title\n# needs: log\nappend a\n", title),
        (
            "# T\n# need: log\nappend a\n",
            "stories/queue.story:2: `need` is no header of a story; the only one is `# needs: log`",
        ),
        (
            "# T\n# log_view: x\n",
            "stories/queue.story:2: `log_view` is no header of a story; the only one is `# needs: log`",
        ),
        (
            "# T\n# needs: log, lgo\nappend a\n",
            "stories/queue.story:2: nothing offers `lgo`; a story can need: log, disk, broker, cluster, acks, idempotence, transactions",
        ),
        (
            "# T\n# needs:\nappend a\n",
            "stories/queue.story:2: nothing offers ``; a story can need: log, disk, broker, cluster, acks, idempotence, transactions",
        ),
        (
            "# T\n# needs: log\n# needs: disk\nappend a\n",
            "stories/queue.story:3: `needs` is given twice; put all in one line: `# needs: log, disk`",
        ),
        (
            "# T\n\n# needs: log\nappend a\n",
            "stories/queue.story: the header does not say what the story needs, as in `# needs: log`",
        ),
        ("# T\n# needs: log\n\n# Nothing\n", "stories/queue.story: the story has no command"),
    ];
    for (script, expected) in cases {
        assert_eq!(parse(script).unwrap_err().to_string(), expected, "{script}");
    }
}

#[test]
fn prose_in_the_header_is_no_header() {
    let story = parse("# T\n# Note: a colon. See file:line and\n# two words: fine\n# needs: log\nclear\n").unwrap();
    let trace = play(&story, &mut Queue::default()).unwrap().trace;
    assert_eq!(trace["steps"][0]["comment"], "Note: a colon. See file:line and\ntwo words: fine");
}

#[test]
fn a_line_that_is_no_command_is_found_before_anything_runs() {
    let error = |line: &str| parse(&format!("# T\n# needs: log\nclear\n{line}\n")).unwrap_err().to_string();
    let syntax = "not a command from the caret on; a command is `name value key=value \"quoted value\"`";
    assert_eq!(error("append {a}"), format!("stories/queue.story:4: {syntax}\n    append {{a}}\n           ^"));
    assert!(error("append \"a").contains(syntax));
    assert!(error("  append a").contains(syntax));
    assert!(error("---").contains("remove `---` and the lines below"));
    assert!(error("> append \\").contains("a command is one line"));
    assert!(error("client: append a").contains("a prefix before `:` is not heard"));
    assert!(error("append a [slow]").contains("tags in `[]` are not heard"));
}

#[test]
fn a_folder_gives_its_stories_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let none = story::all(folder.path()).unwrap_err().to_string();
    assert!(none.ends_with(": holds no `.story` file, so there is nothing to run"), "{none}");

    // Written in an order that no folder's own order is likely to sort.
    for name in ["m", "b", "z", "a", "y", "c", "x"] {
        let needs = if name == "a" { "disk, log" } else { "log" };
        let script = format!("# Title {name}\n# needs: {needs}\nclear\n");
        fs::write(folder.path().join(name).with_extension("story"), script).unwrap();
    }
    fs::write(folder.path().join("README.md"), "Not a story.\n").unwrap();
    let stories = story::all(folder.path()).unwrap();
    let names: Vec<_> = stories.iter().map(Story::name).collect();
    assert_eq!(names, ["a", "b", "c", "m", "x", "y", "z"]);
    assert_eq!(stories[1].title(), "Title b");
    let runs_on = |offered: &[&str]| stories[..2].iter().map(|story| story.needs_only(offered)).collect::<Vec<_>>();
    assert_eq!(runs_on(&["log"]), [false, true]);
    assert_eq!(runs_on(&["log", "disk"]), [true, true]);

    fs::write(folder.path().join("broken.story"), "clear\n").unwrap();
    let error = story::all(folder.path()).unwrap_err().to_string();
    assert!(error.contains("broken.story:1: a story's first line is its title"), "{error}");
    let missing = story::all(Path::new("no/such/folder")).unwrap_err().to_string();
    assert!(missing.starts_with("no/such/folder: the folder of stories cannot be read: "), "{missing}");
}

#[test]
fn the_projects_folder_of_stories_is_found() {
    assert!(story::stories_dir().join("README.md").is_file());
}

#[test]
fn arguments_are_read_or_refused_by_name() {
    let cases = [
        ("append", "`append` needs an argument: <record>"),
        ("append a times=x", "`append`: times= cannot be `x`: invalid digit found in string"),
        ("append a times=1 times=2", "`append` is given `times=` 2 times"),
        ("append a b", "`append` does not know the argument `b`; it takes: times= <record>"),
        ("append a tines=2", "`append` does not know the argument `tines=2`; it takes: times= <record>"),
        ("read", "`read` needs an argument: from="),
        ("clear all", "`clear` does not know the argument `all`; it takes: none"),
        ("jump", "`jump` is no command of this system"),
    ];
    for (line, expected) in cases {
        assert_eq!(play_error(line), format!("stories/queue.story:3: `{line}` failed: {expected}"));
    }
}

/// Takes what the other tests do not: lists, optional values, free keys.
struct Lists;

impl System for Lists {
    fn run(&mut self, command: &Command) -> Result<String, Box<dyn Error>> {
        let mut args = Args::of(command);
        let first: Option<u8> = args.optional("first")?;
        let rest: Vec<u8> = args.values("rest")?;
        let pairs = args.pairs()?;
        args.done()?;
        Ok(format!("{first:?} {rest:?} {pairs:?}"))
    }

    fn state(&self) -> Value {
        Value::Null
    }

    fn view(&self) -> &'static str {
        "lists"
    }
}

#[test]
fn lists_of_arguments_keep_their_order() {
    let played = play(&commands("x\nx b=1 7 a=2 8 9\n!x 1 300\n!x a=1 b=2 a=3"), &mut Lists).unwrap();
    let answers = "None [] []\nSome(7) [8, 9] [(\"b\", \"1\"), (\"a\", \"2\")]\n\
                   Error: `x`: <rest> cannot be `300`: number too large to fit in target type\n\
                   Error: `x` is given `a=` more than once\n";
    assert!(played.text.ends_with(answers), "{}", played.text);
    assert_eq!(played.trace["view"], "lists");
}
