//! Whose first record of a transaction is let in. Judges exercise 6.4.

use story::judge;
use transactions::coordinator::Epochs;
use transactions::partition::{Ticket, Verification};

use crate::{COMMIT, Told, code_of};

const TICKET: &str = "src/partition.rs, fn Transactions::ticket";
const TAKE: &str = "src/partition/tickets.rs, fn Tickets::take";
const ADMIT: &str = "src/partition/tickets.rs, fn Tickets::admit";
const BACK: &str = "src/partition/tickets.rs, fn Tickets::give_back";

impl Told {
    /// Whether the coordinator is to be asked.
    fn asks(&mut self, producer: i64, epoch: i16) -> String {
        match self.transactions.ticket(producer, epoch) {
            Ok(None) => "it need not be asked".to_owned(),
            Ok(Some(_)) => "it is to be asked".to_owned(),
            Err(refusal) => code_of(&refusal).to_owned(),
        }
    }

    #[track_caller]
    fn taken(&mut self, producer: i64, epoch: i16) -> Ticket {
        let rule =
            format!("nobody has asked about p{producer}, epoch {epoch}, so whoever brings its first record does");
        let found = match self.transactions.ticket(producer, epoch) {
            Ok(Some(ticket)) => return ticket,
            Ok(None) => "it need not be asked",
            Err(refusal) => code_of(&refusal),
        };
        judge::text(&rule, "it is to be asked", found, TICKET);
        unreachable!("it was judged")
    }
}

#[track_caller]
fn judge_admits(rule: &str, expected: bool, told: &mut Told, ticket: Ticket, look_at: &str) {
    let said = |is_good| if is_good { "the ticket is good" } else { "the ticket is void" };
    judge::text(rule, said(expected), said(told.transactions.admit(ticket)), look_at);
}

#[test]
fn nobody_is_let_in_without_a_word() {
    let mut told = Told::new();
    let ticket = told.taken(7, 0);
    let rule = "the first record of p7. The coordinator is asked, and has not answered";
    judge::text(rule, "INVALID_TXN_STATE", &told.sent(7, 0, 0), TAKE);
    judge_admits("the coordinator says yes, and nothing came between", true, &mut told, ticket, ADMIT);
    judge::text("now it is let in", "it is written", &told.sent(7, 0, 0), ADMIT);
    judge::text("a word about p7 is no word about p9", "INVALID_TXN_STATE", &told.sent(9, 0, 0), ADMIT);
}

#[test]
fn what_is_known_is_not_asked_again() {
    let mut told = Told::new();
    let ticket = told.taken(7, 0);
    told.transactions.admit(ticket);
    let rule = "the coordinator has said yes to p7, and the record is not written yet";
    judge::text(rule, "it need not be asked", &told.asks(7, 0), TICKET);
    told.record(7, 0, 0);
    let rule = "p7 has a transaction open here: the partition knows by itself";
    judge::text(rule, "it need not be asked", &told.asks(7, 0), TICKET);
    judge::text("p9 has none", "it is to be asked", &told.asks(9, 0), TICKET);
}

/// A follower learns from its leader's log that a transaction is open, and holds no tickets. Then it leads.
#[test]
fn what_the_log_says_needs_no_ticket() {
    let mut told = Told::new();
    told.record(7, 0, 0);
    let rule = "the log says that p7 has a transaction open from 0 on. Nobody ever asked here";
    judge::text(rule, "it need not be asked", &told.asks(7, 0), TICKET);
}

#[test]
fn without_verification_nobody_asks() {
    let mut told = Told::with(Verification::Off, Epochs::OfTransaction);
    let rule = "verification is off";
    judge::text(rule, "it need not be asked", &told.asks(7, 0), TICKET);
    told.numbered(7, 3, 0);
    let rule = "verification is off, and the log has p7 in epoch 3. An older epoch is refused all the same";
    judge::text(rule, "INVALID_PRODUCER_EPOCH", &told.asks(7, 2), TICKET);
}

#[test]
fn two_who_ask_at_a_time_have_one_ticket() {
    let mut told = Told::new();
    let (first, second) = (told.taken(7, 0), told.taken(7, 0));
    judge::eq("both ask about p7, epoch 0, and nothing came between", first, second, TAKE);
    judge_admits("the first is told yes", true, &mut told, first, ADMIT);
    judge_admits("and the second is, too", true, &mut told, second, ADMIT);
}

#[test]
fn each_producer_has_its_own_ticket() {
    let mut told = Told::new();
    let (of_7, of_9) = (told.taken(7, 0), told.taken(9, 0));
    judge::that("p7 and p9 are two", of_7 != of_9, format_args!("one ticket: {of_7:?}"), TAKE);
    judge_admits("p9 is told yes", true, &mut told, of_9, ADMIT);
    judge::text("p7 is not", "INVALID_TXN_STATE", &told.sent(7, 0, 0), ADMIT);
    judge_admits("now p7 is", true, &mut told, of_7, ADMIT);
}

#[test]
fn an_older_epoch_is_refused_before_it_asks() {
    let mut told = Told::new();
    told.numbered(7, 3, 0);
    judge::text("the log has p7 in epoch 3", "INVALID_PRODUCER_EPOCH", &told.asks(7, 2), TICKET);
    judge::text("this is epoch 3", "it is to be asked", &told.asks(7, 3), TICKET);
    let ticket = told.taken(7, 5);
    let rule = "the log has p7 in epoch 3, and one of epoch 5 asks. This is epoch 4, and would take its place";
    judge::text(rule, "INVALID_PRODUCER_EPOCH", &told.asks(7, 4), TICKET);
    judge_admits("the one of epoch 5 still has its place", true, &mut told, ticket, TICKET);
    let mut told = Told::new();
    told.record(7, 3, 0);
    let rule = "p7 has a transaction open in epoch 3, which answers for no older epoch";
    judge::text(rule, "INVALID_PRODUCER_EPOCH", &told.asks(7, 2), TICKET);
}

#[test]
fn the_next_epoch_asks_for_itself() {
    let mut told = Told::new();
    told.record(7, 3, 0);
    let rule = "its transaction of epoch 3 is decided, and its marker is on the way. This is epoch 4, the next one";
    judge::text(rule, "it is to be asked", &told.asks(7, 4), TICKET);
}

#[test]
fn a_newer_epoch_takes_the_place() {
    let mut told = Told::new();
    let (old, new) = (told.taken(7, 0), told.taken(7, 1));
    let rule = "one of epoch 0 asks, then one of epoch 1. The answer for epoch 0 comes";
    judge_admits(rule, false, &mut told, old, TAKE);
    judge_admits("the answer for epoch 1 comes", true, &mut told, new, ADMIT);
    judge::text("epoch 1 is let in", "it is written", &told.sent(7, 1, 0), ADMIT);
    judge::text("epoch 0 is not", "INVALID_TXN_STATE", &told.sent(7, 0, 0), ADMIT);
}

#[test]
fn a_newer_epoch_is_not_let_in_by_an_older_ones_word() {
    let mut told = Told::new();
    let ticket = told.taken(7, 0);
    told.transactions.admit(ticket);
    let rule = "epoch 0 of p7 was let in. This is epoch 1, another transaction";
    judge::text(rule, "it is to be asked", &told.asks(7, 1), TICKET);
    judge::text("and before there is an answer", "INVALID_TXN_STATE", &told.sent(7, 1, 0), TAKE);
}

#[test]
fn a_ticket_that_was_given_back_is_void() {
    let mut told = Told::new();
    let first = told.taken(7, 0);
    told.transactions.give_back(first);
    let rule = "the coordinator has said no, and the ticket was given back. Then another yes comes, too late";
    judge_admits(rule, false, &mut told, first, ADMIT);
    judge::text("it has let nobody in", "INVALID_TXN_STATE", &told.sent(7, 0, 0), ADMIT);
    let second = told.taken(7, 0);
    let rule = "the coordinator has said no to the first. The producer asks again later: no two have one number";
    judge::that(rule, first != second, format_args!("the same ticket: {second:?}"), BACK);
    judge_admits("a late yes to the question that was given up", false, &mut told, first, ADMIT);
    judge_admits("a yes to the one that is asked now", true, &mut told, second, ADMIT);
}

#[test]
fn a_void_ticket_takes_nobodys_place_with_it() {
    let mut told = Told::new();
    let (old, new) = (told.taken(7, 0), told.taken(7, 1));
    told.transactions.give_back(old);
    let rule = "one of epoch 0 asks, then one of epoch 1. The coordinator says no to epoch 0, which is given back";
    judge_admits(rule, true, &mut told, new, BACK);
}

#[test]
fn who_was_let_in_is_not_sent_away() {
    let mut told = Told::new();
    let (first, second) = (told.taken(7, 0), told.taken(7, 0));
    told.transactions.admit(first);
    told.transactions.give_back(second);
    let rule = "two ask at a time. The first hears yes; the second's question is lost, and it gives the ticket back";
    judge::text(rule, "it is written", &told.sent(7, 0, 0), BACK);
}

#[test]
fn after_a_marker_it_is_asked_anew() {
    let mut told = Told::new();
    let ticket = told.taken(7, 0);
    told.transactions.admit(ticket);
    told.record(7, 0, 0);
    told.marker(7, 1, COMMIT, 0);
    let rule =
        "the transaction of p7 is committed: what was asked before is about one that is over. The next one has epoch 1";
    judge::text(rule, "it is to be asked", &told.asks(7, 1), TICKET);
    let next = told.taken(7, 1);
    judge_admits("a yes to the first transaction says nothing of the next", false, &mut told, ticket, ADMIT);
    judge_admits("a yes to the next", true, &mut told, next, ADMIT);
}
