use super::*;

use std::path::PathBuf;

const COMPARE: How = How { updating: false, limit: LIMIT, port: None };
const UPDATE: How = How { updating: true, limit: LIMIT, port: None };
/// No program: the pages use `sh` alone.
const NONE: &[(&str, &str)] = &[];

/// A page in a folder that is removed at the end.
struct Draft {
    path: PathBuf,
    folder: tempfile::TempDir,
}

impl Draft {
    fn new(text: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("page.md");
        fs::write(&path, text).unwrap();
        Self { path, folder }
    }

    fn check(&self, how: &How) -> Result<usize, String> {
        how.check(&self.path, NONE)
            .map_err(|message| message.replace(&format!("{}/", self.folder.path().display()), ""))
    }

    fn text(&self) -> String {
        fs::read_to_string(&self.path).unwrap()
    }
}

fn console(block: &str) -> Draft {
    Draft::new(&format!("# Page\n\n```console\n{block}```\n"))
}

#[test]
fn commands_that_print_what_the_page_shows_are_counted() {
    let draft = Draft::new(
        "```console\n$ echo one; echo two >&2; echo three\none\ntwo\nthree\n$ true\n```\n\n\
         ```console,ignore=it never ends\n$ yes\n```\n\n```console\n$ echo 'a b  '\na b\n```\n",
    );
    assert_eq!(draft.check(&COMPARE), Ok(3));
}

#[test]
fn a_difference_names_page_line_command_and_the_way_to_accept() {
    let draft = console("$ true\n$ printf 'a\\nb\\nc\\n'\na\nx\nc\n");
    let message = draft.check(&COMPARE).unwrap_err();
    let expected = "page.md:5: `printf 'a\\nb\\nc\\n'` prints something else (- page, + program):\n  a\n- x\n+ b\n  c\n\
                    If the program is right, rewrite the page with: INSTA_UPDATE=always cargo test -p story";
    assert_eq!(message, expected);
}

#[test]
fn every_difference_of_a_page_is_told_at_once() {
    let message = console("$ echo 1\n2\n$ echo 3\n4\n").check(&COMPARE).unwrap_err();
    assert!(message.contains("page.md:4: `echo 1`") && message.contains("page.md:6: `echo 3`"), "{message}");
}

#[test]
fn output_that_the_page_does_not_show_is_a_difference() {
    assert!(console("$ echo out\n").check(&COMPARE).unwrap_err().contains("\n+ out\n"));
    assert!(console("$ true\nout\n").check(&COMPARE).unwrap_err().contains("\n- out\n"));
}

#[test]
fn wildcards_stand_for_parts_of_a_line_and_for_lines() {
    let print = "$ printf 'took 12 ms\\na\\nb\\nend\\n'\n";
    assert_eq!(console(&format!("{print}took [..] ms\n...\nend\n")).check(&COMPARE), Ok(1));
    assert_eq!(console(&format!("{print}...\n")).check(&COMPARE), Ok(1));
    let message = console(&format!("{print}took [..] s\n...\nend\n")).check(&COMPARE).unwrap_err();
    assert!(message.contains("- took [..] s\n+ took 12 ms\n  ...\n"), "{message}");
}

#[test]
fn a_status_must_be_what_the_block_says() {
    let message = console("$ echo no >&2; exit 3\nno\n").check(&COMPARE).unwrap_err();
    assert_eq!(
        message,
        "page.md:4: `echo no >&2; exit 3` ended with status 3 instead of 0; if the page means to show that, end the block \
         there and mark it `console,status=3`. It printed:\n  no"
    );
    let marked = |block: &str| Draft::new(&format!("```console,status=3\n{block}```\n")).check(&COMPARE);
    assert_eq!(marked("$ true\n$ exit 3\n"), Ok(2));
    assert!(
        marked("$ exit 3\n$ exit 3\n").unwrap_err().starts_with("page.md:2: `exit 3` ended with status 3 instead of 0")
    );
    assert!(marked("$ true\n").unwrap_err().contains("ended with status 0 instead of 3. It printed:"));
    assert!(console("$ kill -s KILL $$\n").check(&COMPARE).unwrap_err().contains("ended with status 137 instead of 0"));
}

#[test]
fn commands_share_the_folder_and_not_the_variables() {
    let block =
        "$ mkdir data && cd data && name=x\n$ echo \"[$name]\" > file\n$ cd ..; ls\ndata\n$ cat data/file\n[]\n";
    assert_eq!(console(block).check(&COMPARE), Ok(4));
}

#[test]
fn a_folder_that_is_gone_is_told() {
    let message = console("$ mkdir a; cd a; rmdir ../a\n$ ls\n").check(&COMPARE).unwrap_err();
    assert_eq!(message, "page.md:5: `ls` cannot be run: the folder where the command before it ended is gone");
}

#[test]
fn the_environment_is_fixed_and_there_is_no_input() {
    let block = "$ echo $LC_ALL $TZ $COLUMNS $NO_COLOR\nC UTC 100 1\n$ cat\n";
    assert_eq!(console(block).check(&COMPARE), Ok(2));
}

#[test]
fn a_command_that_leaves_something_running_is_killed_with_it() {
    let draft = console("$ tail -f /dev/null & echo started\n");
    let how = How { updating: false, limit: Duration::from_secs(2), port: None };
    let message = draft.check(&how).unwrap_err();
    let expected = "page.md:4: `tail -f /dev/null & echo started` did not end within 2 s and was killed. \
                    It printed:\n  started";
    assert_eq!(message, expected);
}

/// A server as far as a page can tell: it says where it is, and ends in order when it is told to.
const SERVER: &str =
    r#"sh -c 'trap "echo bye; exit 0" TERM; printf "at ${LISTEN%:0}:4100\nmore\n"; while :; do :; done'"#;
const PORT: Port = Port { shown: "127.0.0.1:9092", listen: "LISTEN", connect: "CONNECT" };

fn with_server(block: &str) -> Result<usize, String> {
    let draft = console(&block.replace("SERVER", SERVER));
    draft.check(&How { updating: false, limit: Duration::from_secs(20), port: Some(PORT) })
}

#[test]
fn a_server_runs_while_the_page_goes_on() {
    let block = "$ echo $LISTEN $CONNECT\n127.0.0.1:0 127.0.0.1:9092\n$ SERVER &\nat 127.0.0.1:9092\n\
                 $ echo $CONNECT; test $CONNECT = 127.0.0.1:4100\n127.0.0.1:9092\n$ kill %1\nmore\nbye\n\
                 $ test $CONNECT = 127.0.0.1:1\n$ SERVER &\nat 127.0.0.1:9092\nmore\n$ kill $!\nbye\n";
    assert_eq!(with_server(block), Ok(7));
    assert_eq!(with_server("$ SERVER &\nat [..]\n$ kill -9 %1\nmore\n"), Ok(2));
}

#[test]
fn a_server_that_is_left_is_ended_with_the_page_and_must_end_in_order() {
    assert_eq!(with_server("$ SERVER &\nat 127.0.0.1:9092\n"), Ok(1));
    let message = with_server("$ echo a > file\n$ tail -f file &\na\n").unwrap_err();
    let expected = "page.md: `tail -f file &` was still there at the page's end. It was told to end, and \
                    ended with status 143 instead of 0. It printed:";
    // Some shells have a word for it.
    assert!(message.starts_with(expected), "{message}");
}

/// A program with a prompt: it shows what it reads, answers, and ends at `quit`.
const DIALOG: &str = r##"sh -c 'echo hello; while read -r line; do echo "> $line"; case "$line" in "#"*) ;; quit) exit 0;; *) echo "got $line"; echo;; esac; done'"##;

#[test]
fn a_dialog_goes_on_beside_the_page() {
    let first = "```console,prompt\n$ DIALOG\nhello\n> one\ngot one\n> # nothing\n```\n";
    let beside = "```console\n$ echo beside\nbeside\n```\n";
    let again = "```console,prompt\n> two\ngot two\n> quit\n```\n";
    let page = |parts: &[&str]| Draft::new(&parts.concat().replace("DIALOG", DIALOG));
    assert_eq!(page(&[first, beside, again]).check(&COMPARE), Ok(6));
    let message = page(&[first, &again.replace("got two", "got 2")]).check(&COMPARE).unwrap_err();
    assert!(message.contains("`two` prints something else") && message.contains("\n- got 2\n+ got two\n"), "{message}");
    let message = page(&[first, again, again]).check(&COMPARE).unwrap_err();
    assert!(message.ends_with("`two` is typed at no prompt: no program that has one runs"), "{message}");
    let draft = page(&[first, &again.replace("got two\n", "")]);
    assert_eq!(draft.check(&UPDATE), Ok(5));
    assert_eq!(draft.text(), format!("{first}{again}").replace("DIALOG", DIALOG));
}

#[test]
fn a_server_that_ends_by_itself_is_a_command_like_others() {
    let message = with_server("$ echo no; exit 5 &\nno\nyes\n").unwrap_err();
    assert!(message.contains("page.md:4: `echo no; exit 5 &` prints something else"), "{message}");
    assert!(message.contains("`echo no; exit 5 &` ended with status 5 instead of 0"), "{message}");
    let message = with_server("$ kill %1\n").unwrap_err();
    assert_eq!(message, "page.md:4: `kill %1` names no job: nothing of that number runs in the background");
}

#[test]
fn a_job_that_does_not_do_as_the_page_says_is_killed() {
    let within =
        |block: &str| console(block).check(&How { updating: false, limit: Duration::from_secs(2), port: None });
    let message = within("$ echo a; tail -f /dev/null &\na\nb\n").unwrap_err();
    let expected = "page.md:4: `echo a; tail -f /dev/null &` did not print as many lines as the page shows within 2 s, and was \
                    killed. It printed:\n  a";
    assert_eq!(message, expected);
    let deaf = "trap \"\" TERM; echo a; exec tail -f /dev/null";
    let message = within(&format!("$ sh -c '{deaf}' &\na\n$ kill %1\n")).unwrap_err();
    assert_eq!(
        message,
        "page.md:6: `kill %1` did not end within 2 s after the signal TERM, and was killed. It printed:"
    );
}

#[test]
fn a_job_ends_with_a_test_that_fails() {
    let folder = tempfile::tempdir().unwrap();
    let note = folder.path().join("group");
    let block = format!("$ echo a > file\n$ echo $$ > {}; exec tail -f file &\na\n$ kill %2\n", note.display());
    let message = console(&block).check(&COMPARE).unwrap_err();
    assert!(message.contains("`kill %2` names no job"), "{message}");
    let group = fs::read_to_string(note).unwrap();
    let is_there = format!("kill -0 -- -{} 2>&1", group.trim());
    let found = std::process::Command::new("sh").args(["-c", &is_there]).output().unwrap();
    assert!(!found.status.success(), "the group {group} is still there");
}

#[test]
fn a_page_without_a_command_to_run_is_refused() {
    for text in ["# Nothing\n", "```sh\n$ true\n```\n", "```console,ignore=slow\n$ true\n```\n"] {
        let message = Draft::new(text).check(&COMPARE).unwrap_err();
        assert_eq!(message, "page.md has no console block with a command to run, so there is nothing to check");
    }
    let missing = COMPARE.check(Path::new("no/such/page.md"), NONE).unwrap_err();
    assert!(missing.starts_with("no/such/page.md cannot be read: "), "{missing}");
}

#[test]
fn an_update_rewrites_what_differs_and_keeps_wildcards_that_match() {
    let page = |first: &str, last: &str| {
        format!(
            "# Page\n\n1. A step:\n\n   ```console\n   $ printf 'took 12 ms\\na\\nb\\nend\\n\\nnew\\n'\n{first}\n   \
             $ echo kept [..]\n   kept [..]\n   $ echo added\n{last}   ```\n\ntext\n"
        )
    };
    let draft = Draft::new(&page("   took [..] ms\n   old\n   ...\n   end\n", ""));
    assert_eq!(draft.check(&UPDATE), Ok(3));
    let first = "   took [..] ms\n   a\n   ...\n   end\n\n   new\n";
    assert_eq!(draft.text(), page(first, "   added\n"));
    assert_eq!(draft.check(&COMPARE), Ok(3), "a page that was rewritten agrees with the program");
}

#[test]
fn an_update_writes_nothing_that_would_be_misread_or_differ_next_time() {
    let draft = console("$ printf '> a\\n$ b\\n...\\n```\\n'; pwd\n");
    assert_eq!(draft.check(&UPDATE), Ok(1));
    assert!(draft.text().ends_with("\n[..]> a\n[..]$ b\n[..]...\n[..]```\n[..]/work\n```\n"), "{}", draft.text());
    assert_eq!(draft.check(&COMPARE), Ok(1));
}

#[test]
fn an_update_does_not_accept_a_wrong_status() {
    let draft = console("$ echo a; exit 1\n");
    assert!(draft.check(&UPDATE).unwrap_err().contains("status 1 instead of 0"));
}

#[test]
fn a_program_must_exist_and_have_a_name_that_a_shell_can_hold() {
    let page = console("$ true\n");
    let missing = COMPARE.check(&page.path, &[("prog", "/no/such/file")]).unwrap_err();
    assert!(missing.starts_with("the program /no/such/file: "), "{missing}");
    let strange = COMPARE.check(&page.path, &[("a b", "/bin/sh")]).unwrap_err();
    assert!(strange.starts_with("`a b` cannot be a program's name"), "{strange}");
}
