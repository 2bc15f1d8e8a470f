//! A plot of cost against size.

use std::path::Path;

use anyhow::anyhow;
use plotters::prelude::*;

/// One line of a plot.
#[derive(Debug, Clone)]
pub struct Curve {
    /// What it shows.
    pub name: String,
    /// Numbers of tickets, and milliseconds.
    pub points: Vec<(f64, f64)>,
}

/// Colours that people who see few of them can tell apart (Okabe and Ito).
const COLORS: [RGBColor; 7] = [
    RGBColor(0, 114, 178),
    RGBColor(213, 94, 0),
    RGBColor(0, 158, 115),
    RGBColor(204, 121, 167),
    RGBColor(86, 180, 233),
    RGBColor(230, 159, 0),
    RGBColor(0, 0, 0),
];

/// Draws curves on two logarithmic axes into an SVG file.
pub fn draw(file: &Path, title: &str, curves: &[Curve]) -> anyhow::Result<()> {
    let points = || curves.iter().flat_map(|curve| &curve.points);
    let range = |of: fn(&(f64, f64)) -> f64| {
        let values = points().map(of).filter(|value| *value > 0.0);
        let (least, most) = values.fold((f64::MAX, 0.0_f64), |(least, most), value| {
            (least.min(value), most.max(value))
        });
        (least * 0.8)..(most * 1.25).max(least)
    };
    anyhow::ensure!(points().next().is_some(), "nothing to draw");
    let (x, y) = (range(|point| point.0), range(|point| point.1));
    let root = SVGBackend::new(file, (860, 480)).into_drawing_area();
    root.fill(&WHITE).map_err(problem)?;
    let mut chart = ChartBuilder::on(&root)
        .caption(title, ("sans-serif", 18))
        .margin(12)
        .x_label_area_size(40)
        .y_label_area_size(56)
        .build_cartesian_2d(x.log_scale(), y.log_scale())
        .map_err(problem)?;
    chart
        .configure_mesh()
        .light_line_style(TRANSPARENT)
        .x_labels(6)
        .y_labels(8)
        .x_desc("tickets that the user may see")
        .y_desc("median, ms")
        .x_label_formatter(&|value| format!("{value:.0}"))
        .y_label_formatter(&|value| format!("{value:.1}"))
        .draw()
        .map_err(problem)?;
    for (curve, color) in curves.iter().zip(COLORS.iter().cycle()) {
        let color = *color;
        let line = LineSeries::new(curve.points.iter().copied(), color.stroke_width(2));
        chart
            .draw_series(line)
            .map_err(problem)?
            .label(curve.name.clone())
            .legend(move |(x, y)| PathElement::new([(x, y), (x + 18, y)], color.stroke_width(2)));
    }
    chart
        .configure_series_labels()
        .position(SeriesLabelPosition::UpperLeft)
        .background_style(WHITE.mix(0.8))
        .draw()
        .map_err(problem)?;
    root.present().map_err(problem)
}

fn problem(error: impl std::fmt::Display) -> anyhow::Error {
    anyhow!("the plot could not be drawn: {error}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plot_names_its_curves() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("growth.svg");
        let curve = |name: &str, factor: f64| Curve {
            name: name.to_owned(),
            points: vec![
                (60.0, factor),
                (200.0, factor * 1.1),
                (20_000.0, factor * 2.0),
            ],
        };
        draw(
            &file,
            "A title",
            &[curve("the list", 1.0), curve("search", 3.0)],
        )
        .unwrap();
        let svg = std::fs::read_to_string(file).unwrap();
        assert!(svg.starts_with("<svg"), "{svg}");
        for text in [
            "A title",
            "the list",
            "search",
            "tickets that the user may see",
        ] {
            assert!(svg.contains(text), "{text}");
        }
        assert!(draw(Path::new("unused"), "nothing", &[]).is_err());
    }
}
