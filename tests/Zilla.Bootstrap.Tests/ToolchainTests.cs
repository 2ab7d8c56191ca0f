namespace Zilla.Bootstrap.Tests;

public sealed class ToolchainTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public async Task Require_PathWithoutGcc_NamesTheDebianPackageInOneLine()
    {
        _folder.File("npm");
        _folder.File("make");

        var tools = await Toolchain.InspectAsync(_folder.Path, CancellationToken.None);

        Assert.Equal(["gcc is missing (Debian package: gcc)"], Assert.Throws<RefusalException>(() => tools.Require(Toolchain.Compiling)).Lines);
        tools.Require(Toolchain.Fetching);
    }

    [Fact]
    public async Task Require_EmptyPath_NamesEachTool()
    {
        var tools = await Toolchain.InspectAsync(_folder.Path, CancellationToken.None);

        Assert.Equal(
            ["npm is missing (Debian package: npm)", "gcc is missing (Debian package: gcc)", "make is missing (Debian package: make)"],
            Assert.Throws<RefusalException>(() => tools.Require(Toolchain.Compiling)).Lines);
    }

    [Theory]
    [InlineData("openssl/ssl.h", "OpenSSL's headers are missing (Debian package: libssl-dev)")]
    [InlineData("zlib.h", "zlib's headers are missing (Debian package: zlib1g-dev)")]
    [InlineData("stdlib.h", "the C library's headers are missing (Debian package: libc6-dev)")]
    public async Task Require_CompilerThatLacksAHeader_NamesTheDebianPackage(string header, string line)
    {
        _folder.File("npm");
        _folder.File("make");
        // A compiler that knows every header but one.
        var gcc = _folder.File("gcc", $"#!/bin/sh\nread -r source\ncase \"$source\" in *'<{header}>'*) exit 1 ;; esac\n");
        File.SetUnixFileMode(gcc, (UnixFileMode)0b111_101_101);

        var tools = await Toolchain.InspectAsync(_folder.Path, CancellationToken.None);

        Assert.Equal([line], Assert.Throws<RefusalException>(() => tools.Require(Toolchain.Compiling)).Lines);
    }

    public void Dispose() => _folder.Dispose();
}
