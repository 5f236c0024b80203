//! A broker's block of producer ids.
//!
//! The next block is asked for before the last one is used up, so that no producer waits for the controller, unless the broker
//! has just started. Whoever finds the block empty waits for the question that is under way. All who wait are told its outcome,
//! good or bad, so that a controller that is away costs each of them one time-out and no more.

use std::ops::Range;
use std::sync::{Arc, Mutex, MutexGuard};

use partitioning::news::News;
use partitioning::{Context, ErrorCode, Refusal};
use replication::controller_link::ControllerLink;
use replication::metadata::Image;

use crate::api::{AllocateProducerIds, AllocateProducerIdsRequest};

/// With so many left, or fewer, the next block is asked for: a tenth of one.
const LOW: i64 = super::BLOCK as i64 / 10;

/// See the [module](self). Clones hand out the same ids.
#[derive(Debug, Clone)]
pub struct ProducerIds {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    broker: i32,
    image: News<Image>,
    controller: ControllerLink,
    stock: Mutex<Stock>,
    /// What came of the last question to the controller.
    asked: News<Asked>,
}

/// What there is to hand out.
#[derive(Debug, Default)]
struct Stock {
    now: Range<i64>,
    /// The block after it, if it is there already.
    next: Option<Range<i64>>,
    /// A question is under way.
    asks: bool,
}

/// How many questions have ended, and why the last of them was in vain, if it was.
#[derive(Debug, Clone, Default, PartialEq)]
struct Asked {
    count: u64,
    failure: Option<Refusal>,
}

impl ProducerIds {
    /// Ids for the producers that ask `broker`. There are none until somebody asks.
    pub fn new(broker: i32, image: News<Image>, controller: ControllerLink) -> Self {
        let asked = News::new(Asked::default());
        ProducerIds { shared: Arc::new(Shared { broker, image, controller, stock: Mutex::default(), asked }) }
    }

    /// An id that nobody has.
    ///
    /// # Errors
    ///
    /// [`CoordinatorLoadInProgress`](ErrorCode::CoordinatorLoadInProgress), which says why there is none now: ask again later.
    pub async fn next(&self, context: &Context) -> Result<i64, Refusal> {
        let mut outcome = self.shared.asked.listen();
        let before = outcome.borrow_and_update().count;
        if let Some(id) = self.take() {
            return Ok(id);
        }
        let told = tokio::select! {
            biased;
            told = outcome.wait_for(|asked| asked.count > before) => told.ok().and_then(|asked| asked.failure.clone()),
            () = context.stopping() => None,
        };
        let none = || ErrorCode::CoordinatorLoadInProgress.because("this broker has no producer id to give now");
        self.take().ok_or_else(|| told.unwrap_or_else(none))
    }

    /// An id, if there is one at hand. Sees to it that there will be more.
    fn take(&self) -> Option<i64> {
        let mut stock = self.shared.stock();
        if stock.now.is_empty() {
            stock.now = stock.next.take().unwrap_or_default();
        }
        let id = stock.now.next();
        let is_low = stock.next.is_none() && stock.now.end - stock.now.start <= LOW;
        if is_low && !stock.asks {
            stock.asks = true;
            let shared = self.shared.clone();
            tokio::spawn(async move { shared.ask().await });
        }
        id
    }
}

impl Shared {
    fn stock(&self) -> MutexGuard<'_, Stock> {
        self.stock.lock().expect("nothing panics while it holds the ids")
    }

    /// Asks for a block, once.
    async fn ask(&self) {
        let block = self.block().await;
        let failure = block.as_ref().err().cloned();
        {
            let mut stock = self.stock();
            stock.asks = false;
            stock.next = block.ok();
        }
        if let Some(failure) = &failure {
            tracing::warn!("{failure}");
        }
        self.asked.change(|asked| Asked { count: asked.count + 1, failure });
    }

    async fn block(&self) -> Result<Range<i64>, Refusal> {
        let none = |why: String| {
            ErrorCode::CoordinatorLoadInProgress.because(format!("this broker has no producer id to give: {why}"))
        };
        let epoch = self.image.now().state.broker(self.broker).map(|broker| broker.epoch);
        let broker_epoch = epoch.ok_or_else(|| none("it does not know of its own registration yet".to_owned()))?;
        let request = AllocateProducerIdsRequest { broker: self.broker, broker_epoch };
        let given = self.controller.call::<AllocateProducerIds>(request).await;
        let given = given.map_err(|error| none(format!("the controller gives no block: {error}")))?;
        let end = given.first.checked_add(given.count.into()).filter(|end| given.first >= 0 && *end > given.first);
        end.map(|end| given.first..end).ok_or_else(|| none("the controller's answer is no block of ids".to_owned()))
    }
}
