//! A stream that gives up on slow peers.
//!
//! The times are those of Go's server: a request has to arrive within one span, counted from its
//! first byte (of the first request: from the beginning of the connection), an answer has to leave
//! within another, and between requests a third one counts. hyper's own timer knows only the first
//! and takes waiting for the next request for reading it.

use std::future::Future;
use std::io::{self, ErrorKind};
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep_until};

use crate::Limits;
use crate::request_line::RequestLine;

/// What a connection is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    /// A request is arriving.
    Reading,
    /// A request is being served.
    Busy,
    /// The next request has not begun.
    Idle,
}

/// The phase of a connection, shared by its stream and its service; both run in one task.
pub(crate) struct Phases {
    began: Instant,
    /// Counts the changes; the phase is in the two lowest bits.
    state: AtomicU64,
    /// Microseconds from the beginning of the connection to that of the request.
    request_began: AtomicU64,
}

impl Phases {
    pub(crate) fn new() -> Self {
        Self {
            began: Instant::now(),
            state: AtomicU64::new(0),
            request_began: AtomicU64::new(0),
        }
    }

    /// Changes the phase.
    pub(crate) fn enter(&self, phase: Phase) {
        let bits = match phase {
            Phase::Reading => 0,
            Phase::Busy => 1,
            Phase::Idle => 2,
        };
        if phase == Phase::Reading {
            let since = u64::try_from(self.began.elapsed().as_micros()).unwrap_or(u64::MAX);
            self.request_began.store(since, Ordering::Relaxed);
        }
        let count = (self.state.load(Ordering::Relaxed) >> 2).wrapping_add(1);
        self.state.store(count << 2 | bits, Ordering::Relaxed);
    }

    /// Until when the request that arrives has to be there.
    pub(crate) fn request_deadline(&self, span: Duration) -> Instant {
        if self.now().1 != Phase::Reading {
            // It came in one piece with the one before.
            self.enter(Phase::Reading);
        }
        let since = Duration::from_micros(self.request_began.load(Ordering::Relaxed));
        self.began + since + span
    }

    fn now(&self) -> (u64, Phase) {
        let state = self.state.load(Ordering::Relaxed);
        let phase = match state & 3 {
            0 => Phase::Reading,
            1 => Phase::Busy,
            _ => Phase::Idle,
        };
        (state, phase)
    }
}

/// The stream.
pub(crate) struct TimedIo<S> {
    inner: S,
    phases: std::sync::Arc<Phases>,
    limits: Limits,
    line: RequestLine,
    /// The timer of reading, and the state that it was set for.
    reading: Option<(u64, Pin<Box<Sleep>>)>,
    /// The timer of writing, while an answer does not get away.
    writing: Option<Pin<Box<Sleep>>>,
}

impl<S> TimedIo<S> {
    pub(crate) fn new(inner: S, phases: std::sync::Arc<Phases>, limits: Limits) -> Self {
        Self {
            inner,
            phases,
            limits,
            line: RequestLine::default(),
            reading: None,
            writing: None,
        }
    }

    /// Whether the peer has had its time; if not, the task is woken when it has.
    fn poll_reading_time(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let (state, phase) = self.phases.now();
        let deadline = match phase {
            Phase::Busy => return Poll::Pending,
            Phase::Reading => self.phases.request_deadline(self.limits.read),
            Phase::Idle => Instant::now() + self.limits.idle,
        };
        let (set_for, timer) = self
            .reading
            .get_or_insert_with(|| (state, Box::pin(sleep_until(deadline))));
        if *set_for != state {
            *set_for = state;
            timer.as_mut().reset(deadline);
        }
        timer.as_mut().poll(cx)
    }

    /// The same for writing.
    fn poll_writing_time(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let deadline = self.limits.write;
        let timer = self
            .writing
            .get_or_insert_with(|| Box::pin(sleep_until(Instant::now() + deadline)));
        timer.as_mut().poll(cx)
    }
}

fn too_slow() -> io::Error {
    io::Error::new(ErrorKind::TimedOut, "the peer is too slow")
}

impl<S: AsyncRead + Unpin> AsyncRead for TimedIo<S> {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let before = buf.filled().len();
        match Pin::new(&mut this.inner).poll_read(cx, buf) {
            Poll::Ready(done) => {
                if buf.filled().len() > before && this.phases.now().1 == Phase::Idle {
                    this.phases.enter(Phase::Reading);
                    this.line.begin();
                }
                this.line.escape(buf, before);
                Poll::Ready(done)
            }
            Poll::Pending => {
                ready!(this.poll_reading_time(cx));
                Poll::Ready(Err(too_slow()))
            }
        }
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for TimedIo<S> {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        data: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        match Pin::new(&mut this.inner).poll_write(cx, data) {
            Poll::Ready(done) => Poll::Ready(done),
            Poll::Pending => {
                ready!(this.poll_writing_time(cx));
                Poll::Ready(Err(too_slow()))
            }
        }
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        data: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        match Pin::new(&mut this.inner).poll_write_vectored(cx, data) {
            Poll::Ready(done) => Poll::Ready(done),
            Poll::Pending => {
                ready!(this.poll_writing_time(cx));
                Poll::Ready(Err(too_slow()))
            }
        }
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let flushed = ready!(Pin::new(&mut this.inner).poll_flush(cx));
        // All has left: the next answer has its own time.
        this.writing = None;
        // The idle time begins, but hyper need not ask for more bytes before some arrive, so its
        // timer is set here.
        if this.phases.now().1 == Phase::Idle && this.poll_reading_time(cx).is_ready() {
            return Poll::Ready(Err(too_slow()));
        }
        Poll::Ready(flushed)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().inner).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    fn timed(
        size: usize,
    ) -> (
        Arc<Phases>,
        TimedIo<tokio::io::DuplexStream>,
        tokio::io::DuplexStream,
    ) {
        let (ours, theirs) = tokio::io::duplex(size);
        let phases = Arc::new(Phases::new());
        (
            phases.clone(),
            TimedIo::new(ours, phases, Limits::default()),
            theirs,
        )
    }

    async fn waited(io: &mut TimedIo<tokio::io::DuplexStream>) -> u64 {
        let began = Instant::now();
        assert_eq!(io.read_u8().await.unwrap_err().kind(), ErrorKind::TimedOut);
        began.elapsed().as_secs()
    }

    #[tokio::test(start_paused = true)]
    async fn a_request_has_to_arrive_in_time() {
        let (phases, mut io, mut peer) = timed(64);
        assert_eq!(
            waited(&mut io).await,
            5,
            "from the beginning of the connection"
        );
        phases.enter(Phase::Idle);
        assert_eq!(waited(&mut io).await, 120, "between requests");
        phases.enter(Phase::Idle);
        peer.write_u8(1).await.unwrap();
        assert_eq!(io.read_u8().await.unwrap(), 1);
        assert_eq!(waited(&mut io).await, 5, "from its first byte");
    }

    #[tokio::test(start_paused = true)]
    async fn dribbling_does_not_win_time() {
        let (_, mut io, mut peer) = timed(64);
        for _ in 0..4 {
            tokio::time::advance(Duration::from_secs(1)).await;
            peer.write_u8(1).await.unwrap();
            io.read_u8().await.unwrap();
        }
        assert_eq!(waited(&mut io).await, 1);
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_has_to_leave_in_time() {
        let (_, mut io, _peer) = timed(4);
        let began = Instant::now();
        let failed = io.write_all(b"more than fits").await.unwrap_err();
        assert_eq!(failed.kind(), ErrorKind::TimedOut);
        assert_eq!(began.elapsed().as_secs(), 10);
    }

    #[tokio::test(start_paused = true)]
    async fn serving_takes_as_long_as_it_takes() {
        let (phases, mut io, mut peer) = timed(64);
        phases.enter(Phase::Busy);
        let slow = tokio::time::timeout(Duration::from_secs(1_000), io.read_u8()).await;
        assert!(slow.is_err(), "not even a timeout");
        peer.write_u8(1).await.unwrap();
        assert_eq!(io.read_u8().await.unwrap(), 1);
    }
}
