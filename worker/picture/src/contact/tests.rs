use proptest::prelude::*;

use super::*;
use crate::PixelFormat;
use crate::sheet::Place;

/// Every pixel is another one than its neighbours.
fn picture(size: (u32, u32), seed: u32) -> Image {
    let pixels = (0..size.0 * size.1).flat_map(|at| {
        let value = at.wrapping_mul(97).wrapping_add(seed * 31);
        [value as u8, (value / 3) as u8, (value / 7) as u8]
    });
    Image::new(PixelFormat::Rgb8, size.0, size.1, pixels.collect()).unwrap()
}

fn facts(count: usize) -> Vec<String> {
    (0..count)
        .map(|index| format!("fact {index}, 1920 × 1080"))
        .collect()
}

/// The part of a picture at this place, of this size.
fn part(of: &Image, (left, top): (u32, u32), (width, height): (u32, u32)) -> Vec<u8> {
    let lines = of.data().chunks_exact(of.width() as usize * 3);
    let lines = lines.skip(top as usize).take(height as usize);
    lines
        .flat_map(|line| &line[left as usize * 3..(left + width) as usize * 3])
        .copied()
        .collect()
}

fn is_ground(pixels: &[u8]) -> bool {
    pixels.iter().all(|value| *value == GROUND)
}

fn finished(sheet: Sheet) -> Image {
    sheet.finish().unwrap().unwrap()
}

proptest! {
    // Breaks if tiles overlap, touch, leave the sheet or lie in its head, their times have no room, or a sheet is larger than
    // programs and memory can take.
    #[test]
    fn layout(
        tile in (1_u32..1_025, 1_u32..1_025),
        columns in 1_u32..51,
        count in 0_usize..9,
        title in "\\PC{0,300}",
    ) {
        let contact = Contact::new(tile, columns, &title, &facts(count));
        let grid = contact.grid();
        let (width, height) = grid.tile();
        prop_assert_eq!((width, height), (tile.0.max(LEAST_TILE), tile.1));
        let most = grid.tiles_of_a_sheet();
        let sheet_width = contact.sheet().canvas().0.width();
        prop_assert!((LEAST_WIDTH..=MAX_WIDTH).contains(&sheet_width));
        let head = contact.sheet().canvas().0.height();
        let places: Vec<Place> = (0..most.min(60)).map(|index| grid.place(index)).collect();
        for (index, place) in places.iter().enumerate() {
            prop_assert_eq!(place.sheet, 0);
            prop_assert!(place.left >= MARGIN && place.left + width + MARGIN <= sheet_width);
            prop_assert!(place.top >= head);
            for other in &places[..index] {
                let is_beside = place.left >= other.left + width + GAP || other.left >= place.left + width + GAP;
                prop_assert!(is_beside || place.top >= other.top + height + CAPTION_HEIGHT + GAP);
            }
        }
        let last = grid.place(most - 1);
        let bottom = last.top + height + CAPTION_HEIGHT + MARGIN;
        // One line of tiles there is always.
        let is_one_line = last.top == head;
        prop_assert!(bottom <= 4_096 || is_one_line, "{bottom}");
        prop_assert!(sheet_width * (bottom - head) <= (16 << 20) + sheet_width * MARGIN || is_one_line);
        prop_assert_eq!(grid.place(most), Place { sheet: 1, ..grid.place(0) });
        let room = (sheet_width - 2 * MARGIN) as f32;
        prop_assert!(Face::new(TITLE_SIZE).width(&contact.title) <= room);
        prop_assert!(contact.facts.iter().all(|line| Face::new(FACTS_SIZE).width(line) <= room));
    }

    // Breaks if a tile is not where the grid says, or a pixel of it is changed by its neighbours or by text.
    #[test]
    fn tiles_are_unchanged(tile in (80_u32..120, 1_u32..60), columns in 1_u32..5, count in 1_usize..9) {
        let contact = Contact::new(tile, columns, "title", &facts(2));
        let (grid, mut sheet) = (contact.grid(), contact.sheet());
        for index in 0..count {
            contact.add(&mut sheet, &picture(tile, index as u32), "12:34:56.78 and more than there is room for");
        }
        let whole = finished(sheet);
        for index in 0..count {
            let Place { left, top, .. } = grid.place(index);
            prop_assert_eq!(part(&whole, (left, top), tile), picture(tile, index as u32).data().to_vec());
        }
    }
}

// Breaks if the head or a time is not drawn where it is said to be, is hard to read, or anything is drawn between.
#[test]
fn text_is_where_it_is_said() {
    let tile = (160, 90);
    let contact = Contact::new(tile, 3, "Clip.mp4", &facts(1));
    let mut sheet = contact.sheet();
    for index in 0..4 {
        contact.add(&mut sheet, &picture(tile, index), "0:10");
    }
    let whole = finished(sheet);
    let first = contact.grid().place(0);
    let width = 2 * MARGIN + 3 * 160 + 2 * GAP;
    let line = 90 + CAPTION_HEIGHT + GAP;
    assert_eq!(
        (whole.width(), whole.height()),
        (width, first.top + line + 90 + CAPTION_HEIGHT + MARGIN)
    );
    // From its top: room, title, room, facts, room.
    let band = |top: u32, height: u32| part(&whole, (0, top), (width, height));
    let title = MARGIN + TITLE_HEIGHT;
    assert!(is_ground(&band(0, MARGIN)));
    assert!(band(MARGIN, TITLE_HEIGHT).contains(&TITLE));
    assert!(band(title + 9, 14).iter().any(|value| *value > 150));
    assert!(is_ground(&band(first.top - 12, 12)));
    // Below each tile its time in the middle, in nothing but the ground.
    for index in 0..4 {
        let place = contact.grid().place(index);
        let below = |left: u32, top: u32, width: u32, height: u32| {
            part(&whole, (place.left + left, place.top + 90 + top), (width, height))
        };
        let time = below(60, 0, 40, CAPTION_HEIGHT);
        assert!(time.iter().any(|value| *value >= 190), "{index}");
        for (left, top, width, height) in [
            (0, 0, 60, CAPTION_HEIGHT),
            (100, 0, 60, CAPTION_HEIGHT),
            (0, 0, 160, 6),
            (0, CAPTION_HEIGHT - 4, 160, 4),
        ] {
            assert!(
                is_ground(&below(left, top, width, height)),
                "{index}: {left}, {top}"
            );
        }
    }
    // No tile, no text.
    let place = contact.grid().place(4);
    assert!(is_ground(&part(
        &whole,
        (place.left, place.top),
        (width - place.left, line)
    )));
}

// Breaks if two runs give other bytes, or a name that a file can have makes it panic.
#[test]
fn any_name_is_drawn_the_same_twice() {
    let names = [
        String::new(),
        "x".repeat(255),
        "🎬".repeat(63),
        "Žluťoučký kůň – часть 2 (日本) \u{202e}gpj.\u{1}mp4".to_owned(),
        "e\u{301}".repeat(80),
    ];
    for name in names {
        let whole = || {
            let contact = Contact::new((100, 50), 4, &name, &facts(3));
            let mut sheet = contact.sheet();
            contact.add(&mut sheet, &picture((100, 50), 1), &name);
            finished(sheet)
        };
        let once = whole();
        assert!(once.data() == whole().data(), "{name}");
        // What has no room is left out, not cut at the edge.
        assert!(
            is_ground(&part(
                &once,
                (once.width() - MARGIN + 2, 0),
                (MARGIN - 2, once.height())
            )),
            "{name}"
        );
    }
}

// Breaks if a narrow still is not in the middle of its field, or a sheet of one still has no room for the facts.
#[test]
fn narrow_stills_have_room_for_their_time() {
    let contact = Contact::new((20, 40), 1, "Clip.mp4", &facts(2));
    let mut sheet = contact.sheet();
    contact.add(&mut sheet, &picture((20, 40), 1), "1:02:03");
    let Place { left, top, .. } = contact.grid().place(0);
    let whole = finished(sheet);
    assert_eq!(whole.width(), LEAST_WIDTH);
    assert_eq!(
        part(&whole, (left + 30, top), (20, 40)),
        picture((20, 40), 1).data()
    );
    assert!(is_ground(&part(&whole, (left, top), (30, 40))));
}

// Breaks if tiles that are less than a second apart have the same time, or whole seconds have decimals.
#[test]
fn times() {
    let decimals = |millis| decimals(Duration::from_millis(millis));
    assert_eq!(
        [1_000, 60_000, 2_500, 100, 250, 1_234].map(decimals),
        [0, 0, 1, 1, 2, 2]
    );
    let text = |millis, decimals| time_text(Duration::from_millis(millis), decimals);
    assert_eq!(text(0, 0), "0:00");
    assert_eq!(text(59_999, 0), "0:59");
    assert_eq!(text(59_999, 2), "0:59.99");
    assert_eq!(text(3_600_000, 0), "1:00:00");
    assert_eq!(text(360_000_050, 9), "100:00:00.050");
}
