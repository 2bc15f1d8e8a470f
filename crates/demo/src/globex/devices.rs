//! Globex's devices.

use portal_domain::devices::DeviceStatus::{
    Decommissioned, Maintenance, Offline, Online, Pending, Quarantined, Updating,
};
use portal_domain::devices::OsType::{Linux, MacOs, Windows};

use crate::clock::{day, minutes_ago};
use crate::script::Device;

const MACOS: &str = "15.5";
const WINDOWS_11: &str = "11 Enterprise 24H2 (26100.4652)";
const ROCKY: &str = "Rocky Linux 9.6";

pub(super) const CONFERENCE_1: &str = "glx-mba-21";
pub(super) const CONFERENCE_2: &str = "glx-mba-22";
pub(super) const FIELD_1: &str = "GLX-LT-11";
pub(super) const FIELD_2: &str = "GLX-LT-12";
pub(super) const FIELD_3: &str = "GLX-LT-13";
pub(super) const MEASURING_LAPTOP: &str = "glx-lx-31";

pub(super) const ALL: &[Device] = &[
    Device::fixed("glx-imac-lobby", MacOs, MACOS, Online)
        .called("Lobby")
        .seen(minutes_ago(2)),
    Device::fixed("glx-mini-4b", MacOs, "14.7.6", Online)
        .called("Conference room 4B")
        .seen(minutes_ago(9)),
    Device::fixed("glx-studio-imaging", MacOs, MACOS, Updating)
        .called("Imaging studio")
        .seen(minutes_ago(17)),
    Device::loanable(CONFERENCE_1, MacOs, MACOS, Offline)
        .called("Conference MacBook 1")
        .seen(day(1, 11, 45)),
    Device::loanable(CONFERENCE_2, MacOs, MACOS, Online)
        .called("Conference MacBook 2")
        .seen(minutes_ago(33)),
    Device::loanable("glx-mba-23", MacOs, MACOS, Pending).called("Conference MacBook 3 (new)"),
    Device::loanable(FIELD_1, Windows, WINDOWS_11, Online)
        .called("Field laptop 1")
        .seen(minutes_ago(26)),
    Device::loanable(FIELD_2, Windows, WINDOWS_11, Offline)
        .called("Field laptop 2")
        .seen(day(9, 17, 20)),
    Device::loanable(
        FIELD_3,
        Windows,
        "11 Enterprise 23H2 (22631.5624)",
        Maintenance,
    )
    .called("Field laptop 3")
    .seen(day(3, 10, 2)),
    Device::loanable(MEASURING_LAPTOP, Linux, "Ubuntu 22.04.5 LTS", Online)
        .called("Measuring laptop")
        .seen(minutes_ago(58)),
    Device::fixed("GLX-WS-FIN1", Windows, WINDOWS_11, Online)
        .called("Finance 1")
        .seen(minutes_ago(4)),
    Device::fixed("GLX-WS-FIN2", Windows, WINDOWS_11, Offline)
        .called("Finance 2")
        .seen(day(1, 17, 34)),
    Device::fixed(
        "GLX-WS-MICRO",
        Windows,
        "10 IoT Enterprise LTSC 2021",
        Quarantined,
    )
    .called("Microscope control")
    .seen(day(11, 13, 8)),
    Device::fixed(
        "GLX-LT-04",
        Windows,
        "10 Pro 22H2 (19045.5965)",
        Decommissioned,
    )
    .called("Walter's laptop")
    .seen(day(14, 16, 12)),
    Device::fixed("glx-login1", Linux, ROCKY, Online)
        .called("Cluster, login node")
        .seen(minutes_ago(1)),
    Device::fixed("glx-store1", Linux, ROCKY, Online)
        .called("Research storage")
        .seen(minutes_ago(1)),
    Device::fixed("glx-gpu-a1", Linux, ROCKY, Maintenance)
        .called("GPU node A1")
        .seen(minutes_ago(140)),
    Device::ephemeral("glx-job-58211", Linux, ROCKY, Online).seen(minutes_ago(3)),
    Device::ephemeral("glx-job-58190", Linux, ROCKY, Decommissioned).seen(day(2, 4, 17)),
    // enrolled by the vendor, and never switched on since
    Device::fixed("glx-sensor-roof", Linux, "Debian 11.11", Pending),
];
