//! Which hosts a redirect may lead to: no server on the web decides that this machine asks its own services, its
//! neighbours, or a cloud's metadata service.
//!
//! The check is of the addresses that a connection is made to, after the name was looked up: a name that is public when it
//! is checked and private when it is connected to cannot pass.

use std::fmt;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use aws_smithy_runtime_api::client::dns::{DnsFuture, ResolveDns, ResolveDnsError};

/// Whether an address is one of the public internet.
pub(crate) fn is_public(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => is_public_v4(ip),
        IpAddr::V6(ip) => embedded(ip).map_or_else(|| is_public_v6(ip), is_public_v4),
    }
}

/// By the IANA IPv4 special-purpose address registry.
fn is_public_v4(ip: Ipv4Addr) -> bool {
    let [a, b, c, _] = ip.octets();
    let is_special = ip.is_loopback()
        || ip.is_private()
        || ip.is_link_local()
        || ip.is_multicast()
        || ip.is_documentation()
        // “This network”, and what is reserved, broadcast among it.
        || a == 0
        || a >= 240
        // Carrier-grade NAT, IETF protocol assignments, benchmarking.
        || (a == 100 && b & 0xC0 == 64)
        || (a == 192 && b == 0 && c == 0)
        || (a == 198 && b & 0xFE == 18);
    !is_special
}

/// By the IANA IPv6 special-purpose address registry: unicast that is neither unique local, link-local, site-local nor for
/// documents.
fn is_public_v6(ip: Ipv6Addr) -> bool {
    let [a, b, ..] = ip.segments();
    let is_special = ip.is_loopback()
        || ip.is_unspecified()
        || ip.is_multicast()
        || ip.is_unique_local()
        || ip.is_unicast_link_local()
        || a & 0xFFC0 == 0xFEC0
        || (a == 0x2001 && b == 0xDB8)
        || (a == 0x100 && b == 0);
    !is_special
}

/// The IPv4 address that a connection to this one ends at: mapped, compatible, translated (`64:ff9b::/96`) or 6to4.
fn embedded(ip: Ipv6Addr) -> Option<Ipv4Addr> {
    let s = ip.segments();
    let last = || Ipv4Addr::from((u32::from(s[6]) << 16) | u32::from(s[7]));
    match s {
        [0, 0, 0, 0, 0, 0xFFFF, ..] | [0x64, 0xFF9B, 0, 0, 0, 0, ..] => Some(last()),
        [0, 0, 0, 0, 0, 0, high, low] if high != 0 || low > 1 => Some(last()),
        [0x2002, high, low, ..] => Some(Ipv4Addr::from((u32::from(high) << 16) | u32::from(low))),
        _ => None,
    }
}

/// Looks names up, and leaves the private addresses out of all names but that of the video's own host.
#[derive(Clone)]
pub(crate) struct GuardedDns {
    /// The host that the video's address names. Whoever gave the address chose it, so it may be anywhere.
    host: Arc<str>,
    /// That host is in a private network itself, so that others of it may be led to.
    allows_private: Arc<AtomicBool>,
}

impl GuardedDns {
    pub(crate) fn new(host: &str, names_private_host: bool) -> Self {
        Self {
            host: host.into(),
            allows_private: Arc::new(AtomicBool::new(names_private_host)),
        }
    }

    /// Whether private addresses may be connected to.
    pub(crate) fn allows_private(&self) -> bool {
        self.allows_private.load(Ordering::Relaxed)
    }

    /// The addresses of `name` that may be connected to, of all that it has.
    fn allowed(&self, name: &str, found: Vec<IpAddr>) -> io::Result<Vec<IpAddr>> {
        if name.eq_ignore_ascii_case(&self.host) {
            // One public address among them makes it a public host.
            if !found.is_empty() && !found.iter().copied().any(is_public) {
                self.allows_private.store(true, Ordering::Relaxed);
            }
            return Ok(found);
        }
        if self.allows_private() {
            return Ok(found);
        }
        let public: Vec<IpAddr> = found.into_iter().filter(|ip| is_public(*ip)).collect();
        if public.is_empty() {
            return Err(io::Error::other(Refused));
        }
        Ok(public)
    }
}

impl fmt::Debug for GuardedDns {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GuardedDns")
            .field("host", &self.host)
            .finish_non_exhaustive()
    }
}

impl ResolveDns for GuardedDns {
    fn resolve_dns<'a>(&'a self, name: &'a str) -> DnsFuture<'a> {
        DnsFuture::new(async move {
            let found = tokio::net::lookup_host((name, 0))
                .await
                .map_err(ResolveDnsError::new)?;
            self.allowed(name, found.map(|address| address.ip()).collect())
                .map_err(ResolveDnsError::new)
        })
    }
}

/// A redirect led to a host of this machine or of a private network.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("the server sends on to an address of this machine or of a private network, which is not allowed")]
pub(crate) struct Refused;

impl Refused {
    /// Whether it is among the causes of `error`.
    pub(crate) fn is_cause_of(error: &(dyn std::error::Error + 'static)) -> bool {
        std::iter::successors(Some(error), |error| error.source()).any(|error| {
            let inner = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
            error.is::<Self>() || inner.is_some_and(<dyn std::error::Error + Send + Sync>::is::<Self>)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    // Breaks if an address of this machine, its network or a cloud's metadata counts as public in one of its spellings.
    #[test]
    fn what_is_public() {
        for private in [
            "127.0.0.1",
            "0.0.0.0",
            "10.1.2.3",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.1.1",
            "169.254.169.254",
            "169.254.170.2",
            "100.64.0.1",
            "100.127.255.255",
            "192.0.0.1",
            "198.18.0.1",
            "224.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "fe80::1",
            "fc00::1",
            "fd00:ec2::254",
            "fec0::1",
            "ff02::1",
            "2001:db8::1",
            "::ffff:127.0.0.1",
            "::ffff:169.254.169.254",
            "::127.0.0.1",
            "64:ff9b::a00:1",
            "2002:a00:1::",
        ] {
            assert!(!is_public(ip(private)), "{private}");
        }
        for public in [
            "8.8.8.8",
            "172.32.0.1",
            "100.128.0.1",
            "192.0.1.1",
            "2606:4700::1111",
            "2a00:1450:4001::1",
            "::ffff:8.8.8.8",
            "64:ff9b::808:808",
        ] {
            assert!(is_public(ip(public)), "{public}");
        }
    }

    // Breaks if a redirect's host is reached in a private network, or the video's own host there is not.
    #[test]
    fn only_the_first_host_may_be_private() {
        let guard = GuardedDns::new("media.example", false);
        let both = vec![ip("10.0.0.1"), ip("8.8.8.8")];
        assert_eq!(
            guard.allowed("cdn.example", both.clone()).unwrap(),
            [ip("8.8.8.8")]
        );
        let refused = guard
            .allowed("evil.example", vec![ip("169.254.169.254")])
            .unwrap_err();
        assert!(Refused::is_cause_of(&refused));
        assert_eq!(guard.allowed("media.example", both.clone()).unwrap(), both);
        assert!(guard.allowed("evil.example", vec![ip("10.0.0.1")]).is_err());
        // A server of a private network may lead to another one there.
        let inside = GuardedDns::new("media.corp", false);
        assert_eq!(
            inside.allowed("media.corp", vec![ip("10.0.0.1")]).unwrap().len(),
            1
        );
        assert_eq!(
            inside.allowed("disk.corp", vec![ip("10.0.0.2")]).unwrap().len(),
            1
        );
    }
}
