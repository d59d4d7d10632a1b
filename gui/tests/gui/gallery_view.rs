//! Tests of the gallery, operated by its labels.

use egui::{Key, Modifiers, vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use posterframe::context::{Command, View};

use crate::fixtures::item;
use crate::fixtures::views::{GalleryWindow, VIEW};

fn sent(harness: &Harness<'_, GalleryWindow>) -> Vec<Command> {
    harness.state().sent()
}

fn click(harness: &mut Harness<'_, GalleryWindow>, label: &str) {
    harness.get_by_label(label).click();
    harness.run_steps(3);
}

// Breaks if a thumbnail cannot be opened, or keys do not lead to the next one and close it.
#[test]
fn a_thumbnail_opens_and_the_keys_walk_on() {
    let mut harness = GalleryWindow::open(&["a.png", "b.png", "c.png"]);
    harness.get_by_label("3 thumbnails");
    click(&mut harness, "b.png, 12 min ago");
    harness.get_by_label("Picture of b.png");
    harness.get_by_label("(3,104,772 bytes)");
    harness.key_press(Key::ArrowRight);
    harness.run_steps(3);
    harness.get_by_label("Picture of c.png");
    assert!(harness.get_by_label("Next").accesskit_node().is_disabled());
    click(&mut harness, "Copy key");
    assert_eq!(sent(&harness), [Command::CopyText("thumbnails/c.png".into())]);
    harness.key_press(Key::Escape);
    harness.run_steps(3);
    assert!(harness.query_by_label_contains("Picture of").is_none());
}

// Breaks if other thumbnails than the picked ones are deleted, a deletion without an undo has no question, or a deleted
// thumbnail stays on the screen.
#[test]
fn picked_ones_are_deleted_with_an_undo() {
    let mut harness = GalleryWindow::open(&["a.png", "b.png", "c.png"]);
    click(&mut harness, "Select");
    click(&mut harness, "a.png, 2 min ago");
    click(&mut harness, "c.png, 22 min ago");
    click(&mut harness, "Delete 2");
    let commands = sent(&harness);
    let [Command::DeleteThumbnails { items, undoable }] = &commands[..] else {
        panic!("{commands:?}");
    };
    let keys: Vec<&str> = items.iter().map(|item| item.key.as_str()).collect();
    assert_eq!(
        (keys, *undoable),
        (vec!["thumbnails/a.png", "thumbnails/c.png"], true)
    );
    // Picking has ended.
    harness.get_by_label("Select");
    harness.state_mut().view.set_items(vec![item("b.png", 12)]);
    harness.run_steps(3);
    harness.get_by_label("1 thumbnail");
    assert!(harness.query_by_label_contains("a.png,").is_none());
}

// Breaks if Delete closes the sheet instead of opening the next thumbnail, or several thumbnails are saved one by one.
#[test]
fn one_goes_on_after_deleting_and_saves_several_at_once() {
    let mut harness = GalleryWindow::open(&["a.png", "b.png", "c.png"]);
    click(&mut harness, "a.png, 2 min ago");
    harness.key_press(Key::Delete);
    harness.run_steps(3);
    harness.get_by_label("Picture of b.png");
    assert_eq!(sent(&harness).len(), 1);
    harness.key_press_modifiers(Modifiers::COMMAND, Key::A);
    harness.run_steps(3);
    click(&mut harness, "Save 3…");
    assert!(matches!(&sent(&harness)[..], [Command::SaveThumbnails(items)] if items.len() == 3));
}

// Breaks if Enter does not open the viewer, the arrows do not lead to the next picture in it, or Esc does not close it.
#[test]
fn a_picture_fills_the_tab() {
    let mut harness = GalleryWindow::open(&["a.png", "b.png"]);
    click(&mut harness, "a.png, 2 min ago");
    harness.key_press(Key::Enter);
    harness.run_steps(3);
    harness.get_by_label("1:1");
    harness.key_press(Key::ArrowRight);
    harness.run_steps(3);
    harness.get_by_label("Picture of b.png");
    harness.key_press(Key::Escape);
    harness.run_steps(3);
    assert!(harness.query_by_label("1:1").is_none());
    harness.get_by_label("b.png, 12 min ago");
}

// Breaks if groups have no headings, or the arrows cannot leave a group.
#[test]
fn days_are_groups() {
    let items = vec![
        item("a.png", 2),
        item("b.png", 60 * 26),
        item("c.png", 60 * 24 * 90),
    ];
    let mut harness = GalleryWindow::build(Harness::builder().with_size(VIEW), items);
    click(&mut harness, "Group by Nothing");
    click(&mut harness, "Day");
    for label in ["Today", "Yesterday", "26 Aug 2026"] {
        // A card's age may have the same text as its group's heading.
        assert!(harness.query_all_by_label(label).count() > 0, "{label}");
    }
    harness.key_press(Key::ArrowDown);
    harness.run_steps(3);
    harness.get_by_label("Picture of a.png");
    harness.key_press(Key::ArrowDown);
    harness.run_steps(3);
    harness.get_by_label("Picture of b.png");
}

// Breaks if the search shows wrong thumbnails, or the order is wrong.
#[test]
fn search_and_order() {
    let mut harness = GalleryWindow::open(&["bikes.png", "Castle.png", "bikes-2.png"]);
    harness.get_by_label("Search thumbnails").focus();
    harness.run_steps(2);
    harness.get_by_label("Search thumbnails").type_text("BIKES");
    harness.run_steps(3);
    harness.get_by_label("2 of 3 thumbnails");
    assert!(harness.query_by_label_contains("Castle.png,").is_none());
    harness.key_press(Key::Escape);
    harness.run_steps(3);
    click(&mut harness, "Sort by Newest");
    click(&mut harness, "Name");
    let left = |harness: &Harness<'_, GalleryWindow>, label: &str| harness.get_by_label(label).rect().left();
    assert!(left(&harness, "bikes-2.png, 22 min ago") < left(&harness, "bikes.png, 2 min ago"));
    assert!(left(&harness, "bikes.png, 2 min ago") < left(&harness, "Castle.png, 12 min ago"));
}

// Breaks if a search without a hit looks like an empty bucket or cannot be cleared, or Ctrl + F does not focus the field.
#[test]
fn a_search_without_a_hit_can_be_cleared() {
    let mut harness = GalleryWindow::open(&["bikes.png", "castle.png"]);
    harness.key_press_modifiers(Modifiers::COMMAND, Key::F);
    harness.run_steps(3);
    assert!(harness.get_by_label("Search thumbnails").is_focused());
    harness.get_by_label("Search thumbnails").type_text("horse");
    harness.run_steps(3);
    harness.get_by_label("No such thumbnail");
    click(&mut harness, "Show all");
    harness.get_by_label("2 thumbnails");
    harness.get_by_label("castle.png, 12 min ago");
}

// Breaks if thousands of thumbnails are all drawn or arranged in each frame, or Ctrl + A picks only those on the screen.
#[test]
fn only_what_is_on_the_screen_is_drawn() {
    let items = (0..10_000)
        .map(|index| item(&format!("{index}.png"), index))
        .collect();
    let mut harness = GalleryWindow::build(Harness::builder().with_size(VIEW), items);
    harness.get_by_label("10000 thumbnails");
    for frame in 0..40 {
        harness.hover_at(egui::pos2(400.0, 400.0 + frame as f32));
        harness.event(egui::Event::MouseWheel {
            unit: egui::MouseWheelUnit::Point,
            delta: vec2(0.0, -900.0),
            phase: egui::TouchPhase::Move,
            source: egui::MouseWheelSource::Unknown,
            modifiers: Modifiers::NONE,
        });
        harness.step();
        let drawn = harness.query_all_by_label_contains(".png,").count();
        assert!((20..150).contains(&drawn), "{drawn} cards in frame {frame}");
    }
    assert!(
        harness.query_by_label("0.png, just now").is_none(),
        "it did not scroll"
    );
    assert_eq!(harness.state().view.arranged(), 1);
    harness.key_press_modifiers(Modifiers::COMMAND, Key::A);
    harness.run_steps(3);
    harness.get_by_label("Delete 10000");
    harness.key_press(Key::End);
    harness.run_steps(4);
    assert_eq!(harness.state().view.arranged(), 1);
}

// Breaks if an empty bucket looks like an error.
#[test]
fn an_empty_bucket_says_what_to_do() {
    let mut harness = GalleryWindow::open(&[]);
    harness.get_by_label("No thumbnails yet");
    click(&mut harness, "Pick a frame");
    assert_eq!(sent(&harness), [Command::Show(View::New)]);
}
