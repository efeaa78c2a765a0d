use std::{
    io::{self, Write},
    time::Instant,
};

use http::StatusCode;

use super::{browser::Page, visitor::Done};
use crate::{
    HttpFault,
    http_client::{excerpt, without_query},
};

/// Which step of the walk failed, and why.
#[derive(Debug, thiserror::Error)]
pub enum StepError {
    /// The flow does not work as it should.
    #[error("step {number} ({what}) failed: {why}")]
    Failed {
        /// Counted from 1.
        number: usize,
        /// What was to be done.
        what: &'static str,
        /// What was expected and what came instead.
        why: String,
    },
    /// The report cannot be written.
    #[error("the report cannot be written: {0}")]
    Output(#[from] io::Error),
}

/// Why a step failed.
#[derive(Debug, thiserror::Error)]
pub(super) enum Fault {
    #[error(transparent)]
    Http(#[from] HttpFault),
    #[error("the browser was sent in circles: {0}")]
    Loop(String),
    #[error("{0} is no address")]
    Address(String),
    #[error(
        "expected {wanted}, got something else\n  at     {at}\n  status {status}\n  page   {excerpt}"
    )]
    Unexpected {
        wanted: String,
        at: String,
        status: StatusCode,
        excerpt: String,
    },
}

impl Fault {
    /// A page is not what it should be.
    pub(super) fn expected(wanted: &str, page: &Page) -> Self {
        Self::Unexpected {
            wanted: wanted.to_owned(),
            at: without_query(&page.url),
            status: page.status,
            excerpt: excerpt(&page.summary()),
        }
    }
}

/// Writes one line per step.
pub(super) struct Report<'a> {
    out: &'a mut (dyn Write + Send),
    number: usize,
    what: &'static str,
}

impl<'a> Report<'a> {
    pub(super) fn new(out: &'a mut (dyn Write + Send)) -> Self {
        Self {
            out,
            number: 0,
            what: "",
        }
    }

    /// Does a step and writes its line.
    pub(super) async fn step<T>(
        &mut self,
        what: &'static str,
        doing: impl Future<Output = Done<T>>,
    ) -> Result<T, StepError> {
        self.number += 1;
        self.what = what;
        let start = Instant::now();
        let done = doing.await;
        let millis = start.elapsed().as_secs_f64() * 1000.0;
        let (status, result) = match &done {
            Ok((status, _)) => (status.as_str(), ""),
            Err(_) => ("---", "  FAILED"),
        };
        let number = self.number;
        writeln!(
            self.out,
            "{number:>2}  {what:<42}  {status}  {millis:>8.1} ms{result}"
        )?;
        self.out.flush()?;
        done.map(|(_, value)| value)
            .map_err(|fault| self.failed(&fault))
    }

    /// Puts a fault down to the step that was done last.
    pub(super) fn failed(&self, fault: &Fault) -> StepError {
        StepError::Failed {
            number: self.number,
            what: self.what,
            why: fault.to_string(),
        }
    }

    /// Writes a titled block below the steps.
    pub(super) fn block(&mut self, title: &str, text: &str) -> Result<(), StepError> {
        writeln!(self.out, "\n{title}\n{text}")?;
        Ok(self.out.flush()?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn steps_are_aligned_and_failures_name_their_step() {
        let mut out: Vec<u8> = Vec::new();
        let mut report = Report::new(&mut out);
        for (what, status) in [
            ("Short", StatusCode::OK),
            ("A longer one", StatusCode::GONE),
        ] {
            report.step(what, async { Ok((status, ())) }).await.unwrap();
        }
        let fault = Fault::Loop("a → b".into());
        let error = report
            .step::<()>("Bad", async { Err(fault) })
            .await
            .unwrap_err();
        assert_eq!(
            error.to_string(),
            "step 3 (Bad) failed: the browser was sent in circles: a → b"
        );
        let text = String::from_utf8(out).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[0].find(" ms"), lines[1].find(" ms"));
        assert!(
            lines[0].contains("200") && lines[1].contains("410"),
            "{text}"
        );
        assert!(lines[2].ends_with("FAILED"), "{text}");
    }
}
