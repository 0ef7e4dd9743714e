//! What is said about many measurements.

/// The value below which a share of the measurements lies, by the nearest rank; 0 where there are none.
pub fn quantile(measurements: &[f64], share: f64) -> f64 {
    let mut sorted = measurements.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss, reason = "a rank")]
    let rank = (share * sorted.len() as f64).ceil() as usize;
    sorted.get(rank.saturating_sub(1)).copied().unwrap_or_default()
}

/// The middle one.
pub fn median(measurements: &[f64]) -> f64 {
    quantile(measurements, 0.5)
}

/// How likely two samples of the same distribution are to be at least as far apart in rank as these: the two-sided
/// p of the Mann-Whitney U test, by its normal approximation, which is good from some twenty measurements on.
#[expect(clippy::cast_precision_loss, reason = "numbers of measurements")]
pub fn mann_whitney(a: &[f64], b: &[f64]) -> f64 {
    let mut all: Vec<(f64, bool)> = a.iter().map(|value| (*value, true)).chain(b.iter().map(|v| (*v, false))).collect();
    all.sort_unstable_by(|(one, _), (other, _)| one.total_cmp(other));
    let (n, m, total) = (a.len() as f64, b.len() as f64, all.len() as f64);
    let (mut ranks_of_a, mut ties, mut first) = (0.0, 0.0, 0);
    for same in all.chunk_by(|(one, _), (other, _)| one == other) {
        // Equal values share the mean of their ranks, which count from 1.
        let (count, of_a) = (same.len() as f64, same.iter().filter(|(_, of_a)| *of_a).count() as f64);
        ranks_of_a += of_a * (first as f64 + (count + 1.0) / 2.0);
        ties += count.powi(3) - count;
        first += same.len();
    }
    let u = ranks_of_a - n * (n + 1.0) / 2.0;
    let deviation = (n * m / 12.0 * (total + 1.0 - ties / (total * (total - 1.0)))).sqrt();
    if deviation.is_nan() || deviation <= 0.0 {
        return 1.0;
    }
    // Half a rank less, since U is a whole number and the approximation is not.
    let z = ((u - n * m / 2.0).abs() - 0.5).max(0.0) / deviation;
    both_tails(z)
}

/// The share of a normal distribution that is further than `z` deviations from its middle (Abramowitz and Stegun,
/// 26.2.17: right to seven digits).
fn both_tails(z: f64) -> f64 {
    let t = 1.0 / (1.0 + 0.231_641_9 * z);
    let series = [1.330_274_429, -1.821_255_978, 1.781_477_937, -0.356_563_782, 0.319_381_530];
    let series = series.iter().fold(0.0, |sum, factor| (sum + factor) * t);
    (2.0 * series * (-z * z / 2.0).exp() / std::f64::consts::TAU.sqrt()).min(1.0)
}

#[cfg(test)]
mod tests {
    use super::{mann_whitney, median, quantile};

    #[test]
    fn a_quantile_is_one_of_the_measurements() {
        let measurements: Vec<f64> = (1..=100).rev().map(f64::from).collect();
        assert!((median(&measurements) - 50.0).abs() < 1e-9);
        assert!((quantile(&measurements, 0.99) - 99.0).abs() < 1e-9);
        assert!((quantile(&measurements, 1.0) - 100.0).abs() < 1e-9);
        assert!(median(&[]).abs() < 1e-9);
    }

    #[test]
    fn the_rank_test_agrees_with_the_tables() {
        let even: Vec<f64> = (0..40).map(|i| f64::from(i * 2)).collect();
        let odd: Vec<f64> = (0..40).map(|i| f64::from(i * 2 + 1)).collect();
        let later: Vec<f64> = (0..40).map(|i| f64::from(i * 2 + 41)).collect();
        assert!(mann_whitney(&even, &odd) > 0.8);
        assert!(mann_whitney(&even, &later) < 1e-6);
        assert!((mann_whitney(&even, &even) - 1.0).abs() < 1e-6);
        assert!((mann_whitney(&[1.0; 5], &[1.0; 5]) - 1.0).abs() < 1e-9);
        // scipy.stats.mannwhitneyu(…, method="asymptotic")
        let (a, b) = ([19.0, 22.0, 16.0, 29.0, 24.0], [20.0, 11.0, 17.0, 12.0]);
        assert!((mann_whitney(&a, &b) - 0.111_346_8).abs() < 1e-5);
    }
}
