//! Sets the soname of the shared library, which contains the ABI version, and forbids unloading it.

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    if std::env::var("CARGO_CFG_TARGET_OS").as_deref() == Ok("linux") {
        println!("cargo:rustc-cdylib-link-arg=-Wl,-soname,libdescope_ml.so.1");
        // `dlclose` does not unload the library, because its code can still be needed: a DNS lookup may
        // be in progress, threads that called the library may end later, the C library calls it at a
        // fork, and the default client keeps connections.
        println!("cargo:rustc-cdylib-link-arg=-Wl,-z,nodelete");
    }
}
