//! Acme's devices.

use portal_domain::devices::DeviceStatus::{
    Decommissioned, Maintenance, Offline, Online, Pending, Quarantined, Updating,
};
use portal_domain::devices::OsType::{Linux, MacOs, Windows};

use crate::clock::{day, minutes_ago};
use crate::script::Device;

const WINDOWS_11: &str = "11 Pro 24H2 (26100.4652)";
const UBUNTU: &str = "Ubuntu 24.04.2 LTS";

pub(super) const LAPTOP_1: &str = "ACM-LT-101";
pub(super) const LAPTOP_2: &str = "ACM-LT-102";
pub(super) const LAPTOP_3: &str = "ACM-LT-103";
pub(super) const OLD_LAPTOP: &str = "ACM-LT-089";
pub(super) const VISITORS_MACBOOK: &str = "ACM-MB-201";
pub(super) const DESIGN_MACBOOK: &str = "ACM-MB-202";
pub(super) const TRADE_FAIR_TABLET: &str = "ACM-TAB-301";

pub(super) const ALL: &[Device] = &[
    Device::fixed("ACM-WS-RECEPTION", Windows, WINDOWS_11, Online)
        .called("Reception")
        .seen(minutes_ago(3)),
    Device::fixed("ACM-WS-PLAN01", Windows, WINDOWS_11, Online)
        .called("Planning desk 1")
        .seen(minutes_ago(2)),
    Device::fixed(
        "ACM-WS-PLAN02",
        Windows,
        "11 Pro 23H2 (22631.5624)",
        Updating,
    )
    .called("Planning desk 2")
    .seen(minutes_ago(12)),
    Device::fixed("ACM-WS-ACC01", Windows, WINDOWS_11, Online)
        .called("Accounting")
        .seen(minutes_ago(5)),
    Device::loanable(LAPTOP_1, Windows, WINDOWS_11, Online)
        .called("Pool laptop 1")
        .seen(minutes_ago(8)),
    Device::loanable(LAPTOP_2, Windows, "11 Pro 23H2 (22631.5039)", Offline)
        .called("Pool laptop 2")
        .seen(day(2, 16, 48)),
    Device::loanable(LAPTOP_3, Windows, WINDOWS_11, Online)
        .called("Pool laptop 3")
        .seen(minutes_ago(21)),
    Device::fixed("ACM-LT-104", Windows, WINDOWS_11, Quarantined)
        .called("Henrik's laptop")
        .seen(day(20, 11, 16)),
    Device::loanable("ACM-LT-105", Windows, WINDOWS_11, Pending).called("Pool laptop 5 (new)"),
    Device::loanable(
        OLD_LAPTOP,
        Windows,
        "10 Pro 22H2 (19045.5965)",
        Decommissioned,
    )
    .called("Pool laptop, replaced")
    .seen(day(28, 9, 5)),
    Device::loanable(VISITORS_MACBOOK, MacOs, "15.5", Online)
        .called("MacBook Air for visitors")
        .seen(minutes_ago(44)),
    Device::loanable(DESIGN_MACBOOK, MacOs, "15.5", Offline)
        .called("MacBook Pro, design")
        .seen(day(1, 17, 31)),
    Device::fixed("ACM-MM-203", MacOs, "14.7.6", Online)
        .called("Meeting room Spree")
        .seen(minutes_ago(6)),
    // known by its hostname only
    Device::loanable(TRADE_FAIR_TABLET, Windows, WINDOWS_11, Online).seen(day(1, 15, 12)),
    Device::fixed("acm-srv-files", Linux, "Debian 12.11", Online)
        .called("File server")
        .seen(minutes_ago(1)),
    Device::fixed(
        "acm-srv-erp",
        Linux,
        "Red Hat Enterprise Linux 9.6",
        Maintenance,
    )
    .called("ERP database")
    .seen(minutes_ago(52)),
    Device::fixed("acm-srv-print", Linux, "Debian 12.11", Online)
        .called("Print server")
        .seen(minutes_ago(1)),
    Device::fixed("acm-term-07", Linux, UBUNTU, Offline)
        .called("Warehouse terminal, aisle 7")
        .seen(day(1, 14, 57)),
    Device::ephemeral("acm-build-3f9a", Linux, UBUNTU, Online).seen(minutes_ago(4)),
    Device::ephemeral("acm-build-71c2", Linux, UBUNTU, Offline).seen(day(1, 13, 40)),
];
