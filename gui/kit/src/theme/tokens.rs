//! The colours, by role, each with a dark and a light value. No other module defines colours.
#![expect(clippy::disallowed_methods, reason = "this is the place for raw colours")]

use egui::Color32;

/// One colour for each role. Views use roles and never raw colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tokens {
    /// App background, detail pane, gallery grid.
    pub window: Color32,
    /// Top bar, lists, inspector, transport, modal, side sheet.
    pub panel: Color32,
    /// Buttons, chips, selected row, menus, cards.
    pub raised: Color32,
    /// Hovered row or button, active tab, step number.
    pub hover: Color32,
    /// Pressed button, active segment, tooltip.
    pub pressed: Color32,
    /// Text field and segmented control ground.
    pub field: Color32,
    /// Around the preview, log ground, raw reason box.
    pub canvas: Color32,
    /// 1 px lines and card outlines.
    pub border: Color32,
    /// Button outline, menus, modal, scroll thumb, dashed slot.
    pub border2: Color32,
    /// Primary text.
    pub text: Color32,
    /// Secondary text, inactive tab, icons.
    pub text2: Color32,
    /// Hints, labels of facts, timestamps, placeholder.
    pub text3: Color32,
    /// Disabled text and icons.
    pub dis: Color32,
    /// Primary button, time bubble, selected mark.
    pub accent: Color32,
    /// Primary hover.
    pub accent_h: Color32,
    /// Primary pressed.
    pub accent_p: Color32,
    /// Text and icons on accent.
    pub on_accent: Color32,
    /// Mark flag ground, toggle on.
    pub accent_tint: Color32,
    /// Playhead, selection outline, focus ring, checkbox.
    pub accent_line: Color32,
    /// Text on accent-tint.
    pub accent_text: Color32,
    /// Uploading, starting, running, progress, switch on.
    pub blue: Color32,
    /// Running pill, badge, phase halo.
    pub blue_tint: Color32,
    /// Done, identical, reachable.
    pub green: Color32,
    /// Done pill, verdict strip.
    pub green_tint: Color32,
    /// Failed, error, delete.
    pub red: Color32,
    /// Failed pill, ERROR log row, delete button.
    pub red_tint: Color32,
    /// Failure card outline, delete outline.
    pub red_line: Color32,
    /// Waiting, stopped.
    pub grey: Color32,
    /// Waiting pill.
    pub grey_tint: Color32,
    /// Nearly black, WARN level.
    pub warn: Color32,
    /// Warning row.
    pub warn_tint: Color32,
    /// Progress and slider track.
    pub track: Color32,
    /// Keyframe ticks.
    pub tick: Color32,
    /// Drop zone ground while dragging.
    pub drop: Color32,
    /// INFO level in the log.
    pub log_info: Color32,
    /// Selected text in a field.
    pub selection: Color32,
    /// Outline of a keycap on the primary button.
    pub key_outline: Color32,
    /// Outline of a keycap on a toggle that is on.
    pub key_outline_on: Color32,
    /// Over the window behind a modal.
    pub scrim: Color32,
    /// Ground of the chip on the preview.
    pub chip: Color32,
    /// Text of the chip on the preview.
    pub chip_text: Color32,
    /// Between the stills of the film strip.
    pub strip_line: Color32,
    /// Hover hairline on the film strip.
    pub strip_hover: Color32,
    /// Line after a phase that is done.
    pub done_line: Color32,
    /// Shadow of menus, tooltips, toasts and modals.
    pub shadow: Color32,
    /// Knob of a switch and of a slider.
    pub switch_knob: Color32,
    /// Over the stills of a stack, from the first to the third: they are shown at 100 %, 70 % and 45 % of their
    /// brightness.
    pub stack: [Color32; 3],
    /// Ground behind pictures that do not fill their slot.
    pub picture: Color32,
}

impl Tokens {
    /// The dark theme.
    pub const DARK: Self = Self {
        window: rgb(0x11_1214),
        panel: rgb(0x17_191C),
        raised: rgb(0x1F_2226),
        hover: rgb(0x26_2A2F),
        pressed: rgb(0x2D_3238),
        field: rgb(0x13_1518),
        canvas: rgb(0x0A_0B0C),
        border: rgb(0x2A_2E33),
        border2: rgb(0x3A_4047),
        text: rgb(0xE8_EAED),
        text2: rgb(0xA6_ACB4),
        text3: rgb(0x86_8E97),
        dis: rgb(0x54_5B63),
        accent: rgb(0xF5_B23E),
        accent_h: rgb(0xFF_C35C),
        accent_p: rgb(0xDB_9A2B),
        on_accent: rgb(0x1C_1403),
        accent_tint: rgb(0x2E_271B),
        accent_line: rgb(0xF5_B23E),
        accent_text: rgb(0xF5_B23E),
        blue: rgb(0x62_A8F5),
        blue_tint: rgb(0x1B_2735),
        green: rgb(0x55_BD7F),
        green_tint: rgb(0x18_2A21),
        red: rgb(0xF0_746A),
        red_tint: rgb(0x32_1E1E),
        red_line: rgb(0x6B_3330),
        grey: rgb(0x94_9BA4),
        grey_tint: rgb(0x24_272B),
        warn: rgb(0xF0_935A),
        warn_tint: rgb(0x30_221B),
        track: rgb(0x2A_2E33),
        tick: rgb(0x55_5C65),
        drop: rgb(0x19_1814),
        log_info: rgb(0x6F_9CCB),
        selection: rgb(0x5A_4622),
        key_outline: rgb(0xA8_7826),
        key_outline_on: rgb(0x6D_5525),
        scrim: rgba(0x06_0708, 68),
        chip: rgba(0x0A_0B0C, 82),
        chip_text: rgb(0xE8_EAED),
        strip_line: rgba(0x0A_0B0C, 75),
        strip_hover: rgba(0xFF_FFFF, 55),
        done_line: rgba(0x55_BD7F, 55),
        shadow: rgba(0x00_0000, 45),
        switch_knob: rgb(0xFF_FFFF),
        stack: [rgba(0x00_0000, 0), rgba(0x00_0000, 30), rgba(0x00_0000, 55)],
        picture: rgb(0x00_0000),
    };

    /// The light theme.
    pub const LIGHT: Self = Self {
        window: rgb(0xF3_F4F5),
        panel: rgb(0xFF_FFFF),
        raised: rgb(0xF5_F6F7),
        hover: rgb(0xEC_EEF0),
        pressed: rgb(0xE2_E5E8),
        field: rgb(0xFF_FFFF),
        canvas: rgb(0xDD_E0E4),
        border: rgb(0xDF_E2E6),
        border2: rgb(0xC6_CBD1),
        text: rgb(0x1A_1D21),
        text2: rgb(0x54_5B64),
        text3: rgb(0x64_6C76),
        dis: rgb(0xA9_B0B8),
        accent: rgb(0xF5_B23E),
        accent_h: rgb(0xFF_BF52),
        accent_p: rgb(0xE0_9E2A),
        on_accent: rgb(0x1C_1403),
        accent_tint: rgb(0xFD_F3DF),
        accent_line: rgb(0xC4_7F00),
        accent_text: rgb(0x8F_5B00),
        blue: rgb(0x17_66C2),
        blue_tint: rgb(0xE6_F0FB),
        green: rgb(0x19_7544),
        green_tint: rgb(0xE3_F4EA),
        red: rgb(0xBF_3229),
        red_tint: rgb(0xFC_E9E7),
        red_line: rgb(0xED_B9B4),
        grey: rgb(0x61_6973),
        grey_tint: rgb(0xEC_EEF0),
        warn: rgb(0xA9_4A16),
        warn_tint: rgb(0xFC_EDE3),
        track: rgb(0xDF_E2E6),
        tick: rgb(0x8E_96A0),
        drop: rgb(0xFE_FAF1),
        log_info: rgb(0x2F_6FB3),
        selection: rgb(0xFB_E3B4),
        key_outline: rgb(0xA8_7826),
        key_outline_on: rgb(0xE3_BE77),
        scrim: rgba(0x1E_2228, 40),
        chip: rgba(0x0A_0B0C, 82),
        chip_text: rgb(0xE8_EAED),
        strip_line: rgba(0x0A_0B0C, 75),
        strip_hover: rgba(0xFF_FFFF, 55),
        done_line: rgba(0x19_7544, 55),
        shadow: rgba(0x14_1820, 16),
        switch_knob: rgb(0xFF_FFFF),
        stack: [rgba(0x00_0000, 0), rgba(0x00_0000, 30), rgba(0x00_0000, 55)],
        picture: rgb(0x00_0000),
    };
}

const fn rgb(hex: u32) -> Color32 {
    Color32::from_rgb((hex >> 16) as u8, (hex >> 8) as u8, hex as u8)
}

/// A colour with an opacity of `percent`, premultiplied as egui needs it.
const fn rgba(hex: u32, percent: u32) -> Color32 {
    Color32::from_rgba_premultiplied(
        premultiplied(hex >> 16, percent),
        premultiplied(hex >> 8, percent),
        premultiplied(hex, percent),
        premultiplied(0xFF, percent),
    )
}

const fn premultiplied(channel: u32, percent: u32) -> u8 {
    ((channel & 0xFF) * percent / 100) as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Relative luminance as WCAG defines it.
    fn luminance(color: Color32) -> f32 {
        let linear = |channel: u8| {
            let c = f32::from(channel) / 255.0;
            if c <= 0.040_45 {
                c / 12.92
            } else {
                ((c + 0.055) / 1.055).powf(2.4)
            }
        };
        0.2126 * linear(color.r()) + 0.7152 * linear(color.g()) + 0.0722 * linear(color.b())
    }

    fn contrast(a: Color32, b: Color32) -> f32 {
        let (a, b) = (luminance(a), luminance(b));
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    // Breaks if a changed colour makes text unreadable on its background.
    #[test]
    fn text_can_be_read() {
        for t in [Tokens::DARK, Tokens::LIGHT] {
            for ground in [t.window, t.panel, t.raised, t.field] {
                for text in [t.text, t.text2, t.text3] {
                    assert!(contrast(text, ground) >= 4.5, "{text:?} on {ground:?}");
                }
            }
            for (text, ground) in [
                (t.on_accent, t.accent),
                (t.accent_text, t.accent_tint),
                (t.blue, t.blue_tint),
                (t.green, t.green_tint),
                (t.red, t.red_tint),
                (t.grey, t.grey_tint),
                (t.warn, t.warn_tint),
            ] {
                assert!(contrast(text, ground) >= 4.5, "{text:?} on {ground:?}");
            }
        }
    }
}
