using System.Runtime.Versioning;

// Packages are made on Linux only, and what is made there carries Unix file modes.
[assembly: SupportedOSPlatform("linux")]
