//! A picture of the report: what a request takes beside what its statements take, and beside a peer.

use std::path::Path;

use plotters::prelude::*;
use toolbox::tools::Error;

use crate::report::Report;

const WIDTH: u32 = 860;
const ROW: u32 = 34;
const MARGIN: u32 = 76;

/// A row of the picture: a name, and a time in milliseconds of each kind.
struct Row {
    name: String,
    times: Vec<(usize, f64)>,
}

/// What a colour stands for.
const KINDS: [(&str, RGBColor); 4] = [
    ("the statements alone (pgbench)", RGBColor(158, 158, 158)),
    ("function, warm", RGBColor(25, 118, 210)),
    ("whole platform over HTTP, 4 clients", RGBColor(46, 125, 50)),
    ("the peer over HTTP, 4 clients", RGBColor(211, 47, 47)),
];

/// Draws medians on a logarithmic scale.
///
/// # Errors
/// Where the file cannot be written.
pub fn draw(report: &Report, file: &Path) -> Result<(), Error> {
    let rows = rows(report);
    if rows.is_empty() {
        return Err("a picture needs the parts cases or http".into());
    }
    let height = MARGIN + ROW * (u32::try_from(rows.len())? + 1) + 20;
    let area = SVGBackend::new(file, (WIDTH, height)).into_drawing_area();
    area.fill(&WHITE)?;
    let all = || rows.iter().flat_map(|row| row.times.iter().map(|(_, time)| *time));
    let (least, most) = (all().fold(f64::MAX, f64::min) / 1.5, all().fold(0.0, f64::max) * 1.5);
    let count = i32::try_from(rows.len())?;
    let mut chart = ChartBuilder::on(&area)
        .margin_right(24)
        .margin_top(MARGIN - 8)
        .x_label_area_size(40)
        .y_label_area_size(230)
        .build_cartesian_2d((least..most).log_scale(), -1..count)?;
    let name = |at: &i32| {
        let row = usize::try_from(count - 1 - at).ok().and_then(|at| rows.get(at));
        row.map_or(String::new(), |row| row.name.clone())
    };
    chart
        .configure_mesh()
        .light_line_style(TRANSPARENT)
        .y_labels(rows.len() + 2)
        .y_label_formatter(&name)
        .x_label_formatter(&|time| format!("{time} ms"))
        .x_desc("median, logarithmic")
        .label_style(("sans-serif", 14))
        .draw()?;
    for (kind, (label, colour)) in KINDS.iter().enumerate() {
        let points = rows.iter().zip((0..count).rev()).flat_map(|(row, at)| {
            row.times.iter().filter(move |(of, _)| *of == kind).map(move |(_, time)| (*time, at))
        });
        let points: Vec<_> = points.collect();
        if points.is_empty() {
            continue;
        }
        chart.draw_series(points.iter().map(|point| Circle::new(*point, 6, colour.filled())))?;
        let (column, line) = (i32::try_from(kind % 2)?, i32::try_from(kind / 2)?);
        let (x, y) = (40 + 380 * column, 18 + 24 * line);
        area.draw(&Circle::new((x, y), 6, colour.filled()))?;
        area.draw(&Text::new(*label, (x + 14, y - 7), ("sans-serif", 15)))?;
    }
    area.present()?;
    Ok(())
}

fn rows(report: &Report) -> Vec<Row> {
    let mut rows: Vec<Row> = Vec::new();
    let mut add = |name: &str, times: Vec<(usize, f64)>| match rows.iter_mut().find(|row| row.name == name) {
        Some(row) => row.times.extend(times),
        None => rows.push(Row { name: name.to_owned(), times }),
    };
    for (name, times) in report.cases.iter().flatten() {
        let sql = times.sql.map(|sql| (0, sql.p50));
        add(name, sql.into_iter().chain([(1, times.function.p50)]).collect());
    }
    for (name, both) in report.http.iter().flatten() {
        let peer = both.peer.map(|peer| (3, peer.times.p50));
        add(name, peer.into_iter().chain([(2, both.ours.times.p50)]).collect());
    }
    rows
}
