use std::fmt::Write as _;

/// The default buckets of Prometheus' Go library, seconds.
///
/// Hydra: sizes in bytes are counted in them as well.
const BOUNDS: [f64; 11] = [
    0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0,
];

/// How often values fell between the bounds.
#[derive(Clone, Debug, Default)]
pub(crate) struct Histogram {
    buckets: [u64; BOUNDS.len()],
    count: u64,
    sum: f64,
}

impl Histogram {
    pub(crate) fn observe(&mut self, value: f64) {
        let bucket = BOUNDS.partition_point(|bound| *bound < value);
        if let Some(bucket) = self.buckets.get_mut(bucket) {
            *bucket += 1;
        }
        self.count += 1;
        self.sum += value;
    }

    pub(crate) fn count(&self) -> u64 {
        self.count
    }

    pub(crate) fn add(&mut self, other: &Self) {
        for (mine, others) in self.buckets.iter_mut().zip(other.buckets) {
            *mine += others;
        }
        self.count += other.count;
        self.sum += other.sum;
    }
}

/// Writes the samples of a histogram: cumulative buckets, sum and count.
pub(crate) fn write_histogram(text: &mut String, name: &str, labels: &str, of: &Histogram) {
    let mut below = 0;
    for (bound, bucket) in BOUNDS.iter().zip(of.buckets) {
        below += bucket;
        let _ = writeln!(text, "{name}_bucket{{{labels},le=\"{bound}\"}} {below}");
    }
    let _ = writeln!(
        text,
        "{name}_bucket{{{labels},le=\"+Inf\"}} {count}\n{name}_sum{{{labels}}} {sum}\n\
         {name}_count{{{labels}}} {count}",
        count = of.count,
        sum = of.sum
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_are_cumulative_and_bounds_belong_to_them() {
        let mut histogram = Histogram::default();
        for value in [0.005, 0.006, 1.0, 10.5] {
            histogram.observe(value);
        }
        let mut twice = histogram.clone();
        twice.add(&histogram);
        let mut text = String::new();
        write_histogram(&mut text, "t", "a=\"b\"", &twice);
        let counts: Vec<&str> = text
            .lines()
            .filter_map(|l| l.split(' ').next_back())
            .collect();
        assert_eq!(
            counts,
            [
                "2", "4", "4", "4", "4", "4", "4", "6", "6", "6", "6", "8", "23.022", "8"
            ]
        );
        assert!(text.starts_with("t_bucket{a=\"b\",le=\"0.005\"} 2\n"));
        assert!(text.contains("t_bucket{a=\"b\",le=\"1\"} 6\n"));
    }
}
