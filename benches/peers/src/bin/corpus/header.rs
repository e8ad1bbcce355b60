//! What surrounds the charges: the header fields of an order as CartRover returns it, filled with inventions.

use crate::json::Json;
use crate::random::Random;

/// What a field holds.
#[derive(Clone, Copy)]
pub enum Fill {
    Null,
    Is(&'static str),
    OneOf(&'static [&'static str]),
    /// Every other time one of them, else null.
    Maybe(&'static [&'static str]),
    /// A number as a string, of `digits` digits.
    Digits(usize),
    /// The same, not as a string.
    Number(usize),
    Boolean,
    Date,
    DateTime,
    Street,
    Mail,
    Phone,
    /// The tracking of what was sent: an array of an object.
    Shipments,
    /// Fields of the cart's own: an object with objects in it.
    Extra,
}

use Fill::*;

const FIRST_NAMES: &[&str] = &[
    "Fern", "Cora", "Zoë", "Søren", "Mateo", "Łucja", "Ingrid", "José", "Aiko", "Theo", "Renée", "Ömer", "Nora", "Pim",
];
const LAST_NAMES: &[&str] = &[
    "Applewhite",
    "Finchley",
    "O'Hara",
    "Müller",
    "Nuñez",
    "Brännström",
    "van der Veen",
    "Kowalski",
    "Tanaka",
    "Østby",
    "Whitcombe",
    "山田",
];
const STREETS: &[&str] =
    &["Nettle Row", "Tannery Walk", "Rue de l'Église", "Mill Lane", "Quarry Road", "Straße am Wald", "Harbour Street"];
const CITIES: &[&str] = &["Fairhollow", "Marlow Bend", "Saint-Rémy", "Kirkwell", "Østhavn", "Juniper Falls", "Bärenau"];
const STATES: &[&str] = &["OR", "VT", "CA", "NY", "TX", "WA"];
const COUNTRIES: &[&str] = &["USA", "CAN", "GBR", "FRA", "DEU"];
const COMPANIES: &[&str] = &["Birch & Sons", "Kiln / Clay \"Studio\"", "Lindqvist AB", "The Paper Mill", "Häuser GmbH"];
const CODES: &[&str] = &["A1", "B7", "EXP", "STD", "GR-2", "X"];
const FLAGS: &[&str] = &["Y", "N"];
const NOTES: &[&str] = &[
    "Leave with the neighbour / side door",
    "Ring twice; the \"blue\" gate sticks",
    "For Zoë, with love\nfrom all of us",
    "Do not bend",
    "Deliver between 9 and 12, gate code in the order notes of the last delivery",
];
const SERVICES: &[&str] = &["Flat rate", "Ground / Home", "Two-day", "Express Saver", "Économique"];
const PAGES: &[&str] = &["https://shop.example.com/orders/view", "https://example.com/a/b?c=d&e=f", "/cart/checkout"];

/// The fields before the charges.
pub const BEFORE: &[(&str, Fill)] = &[
    ("cust_po_no", Digits(7)),
    ("po_number", Null),
    ("record_no", Digits(6)),
    ("version", Null),
    ("format", Null),
    ("order_date", Date),
    ("created_date_time", DateTime),
    ("updated_date_time", DateTime),
    ("customer_id", Digits(5)),
    ("cust_company", Maybe(COMPANIES)),
    ("cust_title", Null),
    ("cust_first_name", OneOf(FIRST_NAMES)),
    ("cust_last_name", OneOf(LAST_NAMES)),
    ("cust_address_1", Street),
    ("cust_address_2", Null),
    ("cust_address_3", Null),
    ("cust_city", OneOf(CITIES)),
    ("cust_state", OneOf(STATES)),
    ("cust_zip", Digits(5)),
    ("cust_country", OneOf(COUNTRIES)),
    ("cust_phone", Phone),
    ("cust_e_mail", Mail),
    ("ship_company", Maybe(COMPANIES)),
    ("ship_title", Null),
    ("ship_first_name", OneOf(FIRST_NAMES)),
    ("ship_last_name", OneOf(LAST_NAMES)),
    ("ship_address_1", Street),
    ("ship_address_2", Null),
    ("ship_address_3", Null),
    ("ship_city", OneOf(CITIES)),
    ("ship_state", OneOf(STATES)),
    ("ship_zip", Digits(5)),
    ("ship_country", OneOf(COUNTRIES)),
    ("ship_phone", Phone),
    ("ship_e_mail", Mail),
    ("ship_address_type", Maybe(&["R", "C"])),
    ("carrier", Maybe(&["UPS", "USPS", "DHL"])),
    ("ship_code", Maybe(CODES)),
    ("ship_code_description", OneOf(SERVICES)),
    ("working_ship_code", Null),
    ("special_services", Null),
    ("shipping_instructions", Maybe(NOTES)),
    ("ship_account_no", Null),
    ("ship_account_zip", Null),
    ("requested_ship_date", Date),
    ("expected_delivery_date", Date),
    ("latest_ship_date", Null),
    ("cancel_date", Null),
];

/// The fields behind them.
pub const BEHIND: &[(&str, Fill)] = &[
    ("pay_type", OneOf(&["CA", "CC", "PP"])),
    ("promo_code", Maybe(&["SPRING/10", "WELCOME", "VIP-\"GOLD\""])),
    ("tax_exempt_sw", Null),
    ("installment_program", Null),
    ("media_week", Null),
    ("credit_card_no", Null),
    ("expiration_date", Null),
    ("cvv", Null),
    ("cc_last_four", Digits(4)),
    ("token_sw", Null),
    ("pre_auth_code", Null),
    ("pre_auth_amt", Is("0.00")),
    ("pre_auth_id", Null),
    ("check_account_no", Null),
    ("check_type", Null),
    ("check_no", Null),
    ("check_bank_id", Null),
    ("check_cust_bank", Null),
    ("check_cust_id_num", Null),
    ("check_cust_id_state", Null),
    ("check_cust_id_type", Null),
    ("ani_phone", Null),
    ("vendor_phone", Phone),
    ("location", Maybe(CITIES)),
    ("custom_field_1", OneOf(PAGES)),
    ("custom_field_2", Maybe(NOTES)),
    ("custom_field_3", Digits(12)),
    ("custom_field_4", Null),
    ("custom_field_5", Boolean),
    ("gift_card_sw", Null),
    ("gift_message", Maybe(NOTES)),
    ("gift_wrap", Boolean),
    ("weight", Number(3)),
    ("cass_code_ship", Null),
    ("cass_error_ship", Null),
    ("cass_code_cust", Null),
    ("cass_error_cust", Null),
    ("cass_date", Null),
    ("ncoa_code_ship", Null),
    ("ncoa_code_cust", Null),
    ("ncoa_date", Null),
    ("error_msg", Null),
    ("error_reason", Null),
    ("ifraud_error_code", Null),
    ("xfraud_error_code", Null),
    ("credit_error_code", Null),
    ("credit_score", Number(2)),
    ("fraud_score", Number(2)),
    ("black_list", Boolean),
    ("resubmit_date", Null),
    ("load_override_sw", Null),
    ("fail_action", Null),
    ("action_dt", Null),
    ("filename", Maybe(&["in/orders-17.csv", "in/orders-18.csv"])),
    ("org_file_no", Number(6)),
    ("call_queue", Null),
    ("clerk_disposition", Null),
    ("clerk_disp_dt", Null),
    ("rep_disposition", Null),
    ("rep_disp_dt", Null),
    ("duplicate_sw", Null),
    ("delete_date", Null),
    ("routing_sw", OneOf(FLAGS)),
    ("sent_to_region", Null),
    ("accepted_by_region", Null),
    ("regional_center", Maybe(CODES)),
    ("regional_order_no", Digits(8)),
    ("regional_ship_date", Null),
    ("regional_retry_sw", Is("N")),
    ("regional_error", Null),
    ("regional_attempts", Is("0")),
    ("first_attempt", Null),
    ("delivered_to_wms_date", DateTime),
    ("mark_in_progress_date", DateTime),
    ("extra_system_date_sent", Null),
    ("sending_canceled", Is("N")),
    ("shipping_pickup_canceled", Is("N")),
    ("on_hold", OneOf(FLAGS)),
    ("num_failed_sends", Is("0")),
    ("extra_fields", Extra),
    ("shipments", Shipments),
];

/// The fields of a line, besides its number, its item and its charges.
pub const OF_A_LINE: &[(&str, Fill)] = &[
    ("lot_number", Null),
    ("line_item_id", Digits(9)),
    ("line_comment", Null),
    (
        "Description",
        OneOf(&["Poppy seed packet", "Clay pot, 12 cm", "Gießkanne 5 l", "Twine \"natural\"", "Gloves S/M"]),
    ),
    ("alt_sku", Maybe(CODES)),
    ("filtered_sku", Is("N")),
    ("line_location", Is("")),
];

/// Writes the fields.
pub fn write(json: &mut Json<'_>, random: &mut Random, fields: &[(&str, Fill)]) {
    for (name, fill) in fields {
        json.key(name);
        write_value(json, random, *fill);
    }
}

fn write_value(json: &mut Json<'_>, random: &mut Random, fill: Fill) {
    match fill {
        Null => json.raw("null"),
        Is(text) => json.text(text),
        OneOf(texts) => json.text(random.one_of(texts)),
        Maybe(texts) if random.chance(5000) => json.text(random.one_of(texts)),
        Maybe(_) => json.raw("null"),
        Digits(width) => quoted(json, |json| json.digits(random.below(10_u64.pow(width as u32)), width)),
        Number(width) => json.digits(random.below(10_u64.pow(width as u32)), 1),
        Boolean => json.raw(if random.chance(3000) { "true" } else { "false" }),
        Date => quoted(json, |json| date(json, random)),
        DateTime => quoted(json, |json| {
            date(json, random);
            for (before, limit) in ["T", ":", ":"].into_iter().zip([24, 60, 60]) {
                json.raw(before);
                json.digits(random.below(limit), 2);
            }
            json.raw("+00:00");
        }),
        Street => {
            let street = format!("{} {}", random.between(1, 240), random.one_of(STREETS));
            json.text(&street);
        }
        Mail => quoted(json, |json| {
            json.raw("customer.");
            json.digits(random.below(100_000), 1);
            json.raw("@example.com");
        }),
        Phone => quoted(json, |json| {
            json.raw("555-0");
            json.digits(random.below(1000), 3);
        }),
        Shipments => shipments(json, random),
        Extra => extra(json, random),
    }
}

fn quoted(json: &mut Json<'_>, write: impl FnOnce(&mut Json<'_>)) {
    json.raw("\"");
    write(json);
    json.raw("\"");
}

fn date(json: &mut Json<'_>, random: &mut Random) {
    for (before, least, most) in [("", 2023, 2025), ("-", 1, 12), ("-", 1, 28)] {
        json.raw(before);
        json.digits(random.between(least, most) as u64, 2);
    }
}

/// Mostly empty: an order is checked before it is sent.
fn shipments(json: &mut Json<'_>, random: &mut Random) {
    json.open(b'[');
    if random.chance(2500) {
        json.next();
        json.open(b'{');
        write(json, random, &[("date", DateTime), ("carrier", OneOf(SERVICES)), ("tracking_no", Digits(12))]);
        json.key("packages");
        json.open(b'[');
        for _ in 0..random.between(1, 3) {
            json.next();
            json.open(b'{');
            write(json, random, &[("length", Number(2)), ("weight", Number(3)), ("fragile", Boolean)]);
            json.close(b'}');
        }
        json.close(b']');
        json.close(b'}');
    }
    json.close(b']');
}

fn extra(json: &mut Json<'_>, random: &mut Random) {
    json.open(b'{');
    json.key("channel");
    json.open(b'{');
    write(json, random, &[("id", Number(5)), ("name", OneOf(COMPANIES)), ("active", Boolean)]);
    json.close(b'}');
    json.key("tags");
    json.open(b'[');
    for _ in 0..random.below(4) {
        json.next();
        write_value(json, random, OneOf(CODES));
    }
    json.close(b']');
    json.close(b'}');
}
