//! ```` ```quiz ````: questions on why things are as they are.
//!
//! ```toml
//! [[question]]
//! prompt = "Why is the CRC not over the base offset?"
//! answers = ["It would be too slow.", "The broker writes the base offset into a batch that a client made."]
//! correct = 1
//! why = "The client computes the CRC before anyone knows the offset."
//! ```
//!
//! All texts are Markdown. `correct` counts from 0. Without scripts, each question has its answer to open below it;
//! `theme/quiz.js` makes the buttons to check.
//!
//! A fenced block in any of the texts that is marked `rust,compile` or `rust,compile_fail` is compiled by `press check`:
//! see [`crate::snippets`].

use serde::Deserialize;

use super::html::{block, render, render_phrase};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Quiz {
    #[serde(default, rename = "question")]
    questions: Vec<Question>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Question {
    prompt: String,
    answers: Vec<String>,
    correct: usize,
    why: String,
}

impl Quiz {
    /// Reads a quiz.
    ///
    /// # Errors
    /// The rule that is broken.
    pub(crate) fn parse(toml: &str) -> Result<Quiz, String> {
        let quiz: Quiz = toml::from_str(toml).map_err(|error| {
            let line = error.span().map_or(1, |span| toml[..span.start].lines().count().max(1));
            format!("line {line} of the quiz: {}", error.message())
        })?;
        if quiz.questions.is_empty() {
            return Err("a quiz has at least one [[question]]".into());
        }
        for (at, question) in quiz.questions.iter().enumerate() {
            question.complete().map_err(|rule| format!("question {}: {rule}", at + 1))?;
        }
        Ok(quiz)
    }

    /// The form in the page. `id` is unique in the whole book, for all pages are printed as one.
    pub(crate) fn render(&self, id: &str) -> String {
        let mut html = String::from("<section class=\"quiz\" aria-label=\"Quiz\">\n");
        for (at, question) in self.questions.iter().enumerate() {
            html.push_str(&question.render(&format!("{id}-{}", at + 1), at + 1));
        }
        html.push_str("</section>");
        block(&html)
    }

    /// Every Markdown text of the quiz.
    pub(crate) fn texts(&self) -> impl Iterator<Item = &str> {
        self.questions.iter().flat_map(|question| {
            [&question.prompt, &question.why].into_iter().chain(&question.answers).map(String::as_str)
        })
    }
}

impl Question {
    fn complete(&self) -> Result<(), String> {
        if [&self.prompt, &self.why].into_iter().chain(&self.answers).any(|text| text.trim().is_empty()) {
            return Err("prompt, why and every answer need a text".into());
        }
        match self.answers.len() {
            2..=6 if self.correct < self.answers.len() => Ok(()),
            2..=6 => {
                Err(format!("correct = {} is no answer: they count from 0 to {}", self.correct, self.answers.len() - 1))
            }
            count => Err(format!("it has {count} answers; a question has 2 to 6")),
        }
    }

    fn render(&self, name: &str, number: usize) -> String {
        let correct = self.correct;
        let mut html = format!(
            "<fieldset class=\"question\" data-correct=\"{correct}\">\n<legend>{number}.</legend>\n\
             <div class=\"prompt\" id=\"{name}\">{}</div>\n",
            render(&self.prompt)
        );
        for (at, answer) in self.answers.iter().enumerate() {
            html.push_str(&format!(
                "<label class=\"answer\"><input type=\"radio\" name=\"{name}\" value=\"{at}\" \
                 aria-describedby=\"{name}\"><span class=\"letter\">{}</span><span class=\"text\">{}</span></label>\n",
                letter(at),
                render_phrase(answer)
            ));
        }
        html.push_str(&format!(
            "<details class=\"why\">\n<summary>The answer</summary>\n<p>It is {}.</p>\n{}</details>\n</fieldset>\n",
            letter(correct),
            render(&self.why)
        ));
        html
    }
}

fn letter(at: usize) -> char {
    (b'a'..=b'z').nth(at).map_or('?', char::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str =
        "[[question]]\nprompt = \"Why `x`?\"\nanswers = [\"a & b\", \"c\"]\ncorrect = 1\nwhy = \"So.\"\n";

    #[test]
    fn a_question_is_a_form_with_its_answer_to_open() {
        let html = Quiz::parse(GOOD).unwrap().render("quiz-p-1");
        let expected = "\n\n<section class=\"quiz\" aria-label=\"Quiz\">\n\
            <fieldset class=\"question\" data-correct=\"1\">\n<legend>1.</legend>\n\
            <div class=\"prompt\" id=\"quiz-p-1-1\"><p>Why <code>x</code>?</p>\n</div>\n\
            <label class=\"answer\"><input type=\"radio\" name=\"quiz-p-1-1\" value=\"0\" aria-describedby=\"quiz-p-1-1\">\
            <span class=\"letter\">a</span><span class=\"text\">a &amp; b</span></label>\n\
            <label class=\"answer\"><input type=\"radio\" name=\"quiz-p-1-1\" value=\"1\" aria-describedby=\"quiz-p-1-1\">\
            <span class=\"letter\">b</span><span class=\"text\">c</span></label>\n\
            <details class=\"why\">\n<summary>The answer</summary>\n<p>It is b.</p>\n<p>So.</p>\n</details>\n</fieldset>\n</section>\n\n";
        assert_eq!(html, expected);
    }

    #[test]
    fn what_is_missing_or_unknown_is_refused() {
        let refused = [
            ("", "a quiz has at least one [[question]]"),
            (
                &GOOD.replace("correct = 1", "correct = 2"),
                "question 1: correct = 2 is no answer: they count from 0 to 1",
            ),
            (&GOOD.replace("\"c\"", "\" \""), "question 1: prompt, why and every answer need a text"),
            (&GOOD.replace(", \"c\"", ""), "question 1: it has 1 answers; a question has 2 to 6"),
            (&GOOD.replace("why", "because"), "unknown field `because`"),
            (&GOOD.replace("why = \"So.\"", ""), "missing field `why`"),
            (&GOOD.replace("correct = 1", "correct = x"), "line 4 of the quiz"),
        ];
        for (toml, rule) in refused {
            let error = Quiz::parse(toml).unwrap_err();
            assert!(error.contains(rule), "{error}");
        }
    }
}
