//! Routes: what is added, what is replaced, and what neither may happen to by accident.

use partitioning::Router;

use crate::support::{Echo, Slow};

fn echo() -> Router {
    Router::new(1_000).route::<Echo>(|text, _| Box::pin(async move { Ok(text) }))
}

#[test]
fn a_router_says_what_it_serves() {
    let both = echo().merge(Router::new(1_000).route::<Slow>(|text, _| Box::pin(async move { Ok(text) })));
    let apis: Vec<_> = both.apis().into_iter().map(|api| (api.key, api.name, api.min, api.max)).collect();
    let named = |key, name: &str| (key, name.to_owned(), 1, 1);
    assert_eq!(apis, [named(18, "ApiVersions"), named(900, "Echo"), named(901, "Slow")]);
}

#[test]
#[should_panic(expected = "Echo 1 has a route already: use `replace`")]
fn a_route_is_not_added_twice() {
    let _ = echo().route::<Echo>(|text, _| Box::pin(async move { Ok(text) }));
}

#[test]
#[should_panic(expected = "Slow 1 has no route yet: use `route`")]
fn a_route_that_is_not_there_is_not_replaced() {
    let _ = echo().replace::<Slow>(|text, _| Box::pin(async move { Ok(text) }));
}

#[test]
#[should_panic(expected = "Echo 1 has a route in both: use `replace`")]
fn sets_that_overlap_are_not_merged() {
    let _ = echo().merge(echo());
}
