//! Text on a canvas: one font, from the left, letter by letter.
//!
//! It is for names and numbers, not for prose: there is no kerning, and marks that are letters of their own lie where the font
//! puts them. What the font lacks is a box, as long as the name has it: that is more honest than to leave it out.

use ab_glyph_rasterizer::{Point, Rasterizer, point};
use skrifa::charmap::Charmap;
use skrifa::instance::{LocationRef, Size};
use skrifa::metrics::GlyphMetrics;
use skrifa::outline::{DrawSettings, OutlineGlyphCollection, OutlinePen};
use skrifa::{FontRef, GlyphId, MetadataProvider as _};

use crate::canvas::Canvas;

/// Latin, Greek and Cyrillic letters, and punctuation.
const FONT: &[u8] = include_bytes!("../../../assets/fonts/Inter-Regular.otf");
/// What stands for the part of a text that there is no room for.
const LEFT_OUT: char = '…';

/// The font in one size.
pub(crate) struct Face {
    size: f32,
    charmap: Charmap<'static>,
    metrics: GlyphMetrics<'static>,
    outlines: OutlineGlyphCollection<'static>,
}

/// What a character looks like.
enum Glyph {
    Of(GlyphId),
    /// The font lacks it.
    Box,
    /// It only says how the one before is to look.
    Nothing,
}

impl Face {
    /// In this size, in pixels of the letters' square.
    pub(crate) fn new(size: f32) -> Self {
        let font = FontRef::new(FONT).expect("the font is part of the program");
        Self {
            size,
            charmap: font.charmap(),
            metrics: font.glyph_metrics(Size::new(size), LocationRef::default()),
            outlines: font.outline_glyphs(),
        }
    }

    fn glyph(&self, character: char) -> Glyph {
        match self.charmap.map(character) {
            Some(glyph) => Glyph::Of(glyph),
            None if matches!(character, '\u{fe00}'..='\u{fe0f}') => Glyph::Nothing,
            None => Glyph::Box,
        }
    }

    /// From a character's place to that of the next, in pixels.
    fn advance(&self, character: char) -> f32 {
        match self.glyph(character) {
            Glyph::Of(glyph) => self.metrics.advance_width(glyph).unwrap_or_default(),
            Glyph::Box => self.size * 0.64,
            Glyph::Nothing => 0.0,
        }
    }

    /// How wide a text is, in pixels.
    pub(crate) fn width(&self, text: &str) -> f32 {
        text.chars().map(|character| self.advance(character)).sum()
    }

    /// The text, or as much of its two ends as `width` pixels have room for: of a file's name, what it is and its extension.
    pub(crate) fn shortened(&self, text: &str, width: f32) -> String {
        if self.width(text) <= width {
            return text.to_owned();
        }
        let all: Vec<(char, f32)> = text
            .chars()
            .map(|character| (character, self.advance(character)))
            .collect();
        let mut room = width - self.advance(LEFT_OUT);
        if room < 0.0 {
            return String::new();
        }
        let (mut start, mut end) = (0, all.len());
        while start < end {
            // From both ends in turn, so that they stay as long as each other.
            let from_start = start <= all.len() - end;
            let (_, advance) = if from_start { all[start] } else { all[end - 1] };
            if advance > room {
                break;
            }
            room -= advance;
            if from_start {
                start += 1;
            } else {
                end -= 1;
            }
        }
        let of = |part: &[(char, f32)]| part.iter().map(|(character, _)| *character).collect::<String>();
        format!("{}{LEFT_OUT}{}", of(&all[..start]), of(&all[end..]))
    }

    /// Draws a text in a grey from `left` on, with its letters standing on `baseline`, in pixels from the canvas's left top
    /// corner. What would lie outside is left out.
    pub(crate) fn draw(&self, canvas: &mut Canvas, text: &str, (left, baseline): (f32, f32), grey: u8) {
        let mut x = left;
        for character in text.chars() {
            let mut outline = Outline::default();
            match self.glyph(character) {
                Glyph::Of(glyph) => self.outline(glyph, &mut outline),
                Glyph::Box => self.a_box(&mut outline),
                Glyph::Nothing => {}
            }
            outline.draw(canvas, (x, baseline), grey);
            x += self.advance(character);
        }
    }

    /// A glyph that cannot be read is empty, as a space is.
    fn outline(&self, glyph: GlyphId, outline: &mut Outline) {
        let settings = DrawSettings::unhinted(Size::new(self.size), LocationRef::default());
        let found = self.outlines.get(glyph);
        if found.is_none_or(|found| found.draw(settings, outline).is_err()) {
            *outline = Outline::default();
        }
    }

    /// An upright frame, as high as a capital.
    fn a_box(&self, outline: &mut Outline) {
        let (line, side, top) = (self.size / 16.0, self.size * 0.08, self.size * 0.72);
        let right = self.size * 0.56;
        let inner = [
            (side + line, line),
            (side + line, top - line),
            (right - line, top - line),
            (right - line, line),
        ];
        // The other way round, so that it is a hole.
        for corners in [[(side, 0.0), (right, 0.0), (right, top), (side, top)], inner] {
            let [first, rest @ ..] = corners;
            outline.move_to(first.0, first.1);
            for (x, y) in rest {
                outline.line_to(x, y);
            }
            outline.close();
        }
    }
}

/// A part of an outline, in pixels to the right and upwards from where the letter stands.
#[derive(Clone, Copy)]
enum Part {
    Line([Point; 2]),
    Quad([Point; 3]),
    Cubic([Point; 4]),
}

/// The outline of one letter.
#[derive(Default)]
struct Outline {
    parts: Vec<Part>,
    /// Where the contour begins, and where the pen is.
    start: Point,
    pen: Point,
}

impl Outline {
    fn add(&mut self, part: Part, end: Point) {
        self.parts.push(part);
        self.pen = end;
    }

    /// All points, those beside the curves too: no curve leaves the rectangle around them.
    fn points(&self) -> impl Iterator<Item = Point> {
        self.parts
            .iter()
            .flat_map(|part| match part {
                Part::Line(points) => points.as_slice(),
                Part::Quad(points) => points,
                Part::Cubic(points) => points,
            })
            .copied()
    }

    /// Fills it, with the letter standing at `(x, baseline)` of the canvas.
    fn draw(&self, canvas: &mut Canvas, (x, baseline): (f32, f32), grey: u8) {
        let on_canvas = |of: Point| point(x + of.x, baseline - of.y);
        let far = (point(f32::MAX, f32::MAX), point(f32::MIN, f32::MIN));
        let (least, most) = self.points().map(on_canvas).fold(far, |(least, most), at| {
            (
                point(least.x.min(at.x), least.y.min(at.y)),
                point(most.x.max(at.x), most.y.max(at.y)),
            )
        });
        if self.parts.is_empty() {
            return;
        }
        let (left, top) = (least.x.floor(), least.y.floor());
        // One pixel more at the right: the rasteriser writes into the one after a line's end.
        let (width, height) = (most.x.ceil() - left + 1.0, most.y.ceil() - top);
        let mut rasterizer = Rasterizer::new(width as usize, height as usize);
        let there = |of: Point| {
            let at = on_canvas(of);
            point(at.x - left, at.y - top)
        };
        for part in &self.parts {
            match *part {
                Part::Line([from, to]) => rasterizer.draw_line(there(from), there(to)),
                Part::Quad([from, by, to]) => rasterizer.draw_quad(there(from), there(by), there(to)),
                Part::Cubic([from, by, and_by, to]) => {
                    rasterizer.draw_cubic(there(from), there(by), there(and_by), there(to));
                }
            }
        }
        rasterizer.for_each_pixel_2d(|x, y, part| {
            canvas.cover((left as i32 + x as i32, top as i32 + y as i32), grey, part);
        });
    }
}

impl OutlinePen for Outline {
    fn move_to(&mut self, x: f32, y: f32) {
        self.start = point(x, y);
        self.pen = self.start;
    }

    fn line_to(&mut self, x: f32, y: f32) {
        let end = point(x, y);
        self.add(Part::Line([self.pen, end]), end);
    }

    fn quad_to(&mut self, cx: f32, cy: f32, x: f32, y: f32) {
        let end = point(x, y);
        self.add(Part::Quad([self.pen, point(cx, cy), end]), end);
    }

    fn curve_to(&mut self, ax: f32, ay: f32, bx: f32, by: f32, x: f32, y: f32) {
        let end = point(x, y);
        self.add(Part::Cubic([self.pen, point(ax, ay), point(bx, by), end]), end);
    }

    fn close(&mut self) {
        self.line_to(self.start.x, self.start.y);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const GROUND: u8 = 20;

    /// A text's pixels on a canvas of this width, and whether each is covered.
    fn drawn(text: &str, width: u32, at: (f32, f32)) -> (Vec<u8>, impl Fn(u32, u32) -> bool) {
        let mut canvas = Canvas::new(width, GROUND);
        canvas.grow(40);
        Face::new(20.0).draw(&mut canvas, text, at, 230);
        let data = canvas.into_image(width).unwrap().data().to_vec();
        let pixels = data.clone();
        (data, move |x, y| pixels[(y * width + x) as usize * 3] != GROUND)
    }

    fn is_empty(text: &str) -> bool {
        drawn(text, 400, (10.0, 30.0))
            .0
            .iter()
            .all(|value| *value == GROUND)
    }

    // Breaks if letters are not where they are said to be, or stand on another line.
    #[test]
    fn letters_are_where_they_stand() {
        let width = Face::new(20.0).width("HHH");
        let (_, is_covered) = drawn("HHH", 200, (50.0, 30.0));
        let covered = (0..40).flat_map(|y| (0..200).map(move |x| (x, y)));
        let covered: Vec<(u32, u32)> = covered.filter(|(x, y)| is_covered(*x, *y)).collect();
        let (columns, lines): (Vec<u32>, Vec<u32>) = covered.into_iter().unzip();
        let ends = |of: &[u32]| (of.iter().min().copied(), of.iter().max().copied());
        // A capital is 0.727 of the size high.
        assert_eq!(ends(&lines), (Some(15), Some(29)));
        let (Some(left), Some(right)) = ends(&columns) else {
            panic!("nothing is drawn");
        };
        assert!((50..54).contains(&left), "{left}");
        let end = 50.0 + width;
        assert!(
            f64::from(right) < f64::from(end) && f64::from(right) > f64::from(end) - 4.0,
            "{right} {end}"
        );
    }

    // Breaks if letters that names have are missing in the font, what is missing is left out, or a space is drawn.
    #[test]
    fn what_the_font_has_and_lacks() {
        let face = Face::new(20.0);
        for character in "azAZ09_-.,()[]{}#&'!+=@~ éüßñçøŁžőğİ ΑΩ АЯёї …·×–—’“”".chars()
        {
            assert!(matches!(face.glyph(character), Glyph::Of(_)), "{character}");
        }
        for lacking in ["日", "🎬", "ع", "\u{1}", "\u{202e}"] {
            assert!(!is_empty(lacking), "{lacking:?}");
            assert_eq!(
                drawn(lacking, 400, (10.0, 30.0)).0,
                drawn("日", 400, (10.0, 30.0)).0,
                "{lacking:?}"
            );
        }
        assert!(is_empty(" ") && is_empty("\u{fe0f}") && is_empty(""));
    }

    // Breaks if a box is filled, or is a letter's height off the line.
    #[test]
    fn a_box_is_hollow() {
        let (_, is_covered) = drawn("日", 100, (10.0, 30.0));
        assert!(is_covered(12, 22) && is_covered(16, 29));
        assert!(!is_covered(16, 22) && !is_covered(16, 31));
    }

    // Breaks if a long name loses its extension, or gets longer than there is room for.
    #[test]
    fn long_names_lose_their_middle() {
        let face = Face::new(20.0);
        let name = format!("Holiday {} take 2.mp4", "x".repeat(230));
        let short = face.shortened(&name, 300.0);
        assert!(
            short.starts_with("Holiday ") && short.ends_with(" take 2.mp4"),
            "{short}"
        );
        assert!(short.contains(LEFT_OUT));
        assert_eq!(face.shortened("a.mp4", 300.0), "a.mp4");
        assert_eq!(face.shortened("a.mp4", 3.0), "");
    }

    proptest! {
        // Breaks if a name of any characters panics, is wider than its room, writes over what is beside the canvas, or is drawn
        // otherwise the second time.
        #[test]
        fn any_text_fits(text in "\\PC{0,90}|[\\x00-\\u{10ffff}]{0,60}", width in 0_u32..300) {
            let face = Face::new(20.0);
            let short = face.shortened(&text, width as f32);
            prop_assert!(face.width(&short) <= width as f32 + 0.01);
            let once = drawn(&short, width + 1, (0.0, 30.0)).0;
            prop_assert_eq!(once, drawn(&short, width + 1, (0.0, 30.0)).0);
            // Far outside there is nothing to draw on.
            let _ = drawn(&text, 10, (-50.0, -9.0));
        }
    }
}
