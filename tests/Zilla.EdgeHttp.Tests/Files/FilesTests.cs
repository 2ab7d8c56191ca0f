using System.Net;
using Zilla.Config.Bindings;
using Zilla.EdgeHttp.Files;

namespace Zilla.EdgeHttp.Tests.Files;

public sealed class FilesTests : IDisposable
{
    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("www-");
    private readonly string _www;

    public FilesTests()
    {
        _www = _root.CreateSubdirectory("www").FullName;
        File.WriteAllText(Path.Combine(_www, "index.html"), "<p>hi</p>");
        Directory.CreateDirectory(Path.Combine(_www, "sub"));
        File.WriteAllText(Path.Combine(_www, "sub", "a b.bin"), "data");
        File.WriteAllText(Path.Combine(_root.FullName, "secret"), "secret");
        Directory.CreateDirectory(_www + "-other");
        File.WriteAllText(Path.Combine(_www + "-other", "secret"), "secret");
    }

    public void Dispose() => _root.Delete(recursive: true);

    [Fact]
    public async Task Get_File_ContentTypeAndMd5Tag_Then304()
    {
        await using var gateway = await StartAsync();

        using var response = await gateway.Client.GetAsync("/?cache=buster");
        Assert.Equal("<p>hi</p>", await response.Content.ReadAsStringAsync());
        Assert.Equal("text/html; charset=utf-8", response.Content.Headers.ContentType?.ToString());
        Assert.Equal($"\"{Convert.ToHexStringLower(System.Security.Cryptography.MD5.HashData("<p>hi</p>"u8))}\"", response.Headers.ETag?.ToString());

        using var again = new HttpRequestMessage(HttpMethod.Get, "/") { Headers = { IfNoneMatch = { response.Headers.ETag! } } };
        using var unchanged = await gateway.Client.SendAsync(again);
        Assert.Equal(HttpStatusCode.NotModified, unchanged.StatusCode);
    }

    [Fact]
    public async Task Get_FileChanged_NewContent()
    {
        await using var gateway = await StartAsync();
        await gateway.Client.GetStringAsync("/");

        File.WriteAllText(Path.Combine(_www, "index.html"), "<p>changed</p>");

        Assert.Equal("<p>changed</p>", await gateway.Client.GetStringAsync("/"));
    }

    [Fact]
    public async Task Head_File_LengthWithoutBody()
    {
        await using var gateway = await StartAsync();

        using var response = await gateway.Client.SendAsync(new HttpRequestMessage(HttpMethod.Head, "/files/sub/a%20b.bin"));

        Assert.Equal((HttpStatusCode.OK, 4L), (response.StatusCode, response.Content.Headers.ContentLength));
        Assert.Equal("application/octet-stream", response.Content.Headers.ContentType?.ToString());
    }

    [Theory]
    [InlineData("GET", "/files/none", HttpStatusCode.NotFound)]
    [InlineData("GET", "/files/sub", HttpStatusCode.NotFound)]
    [InlineData("GET", "/files/%2e%2e/secret", HttpStatusCode.NotFound)]
    [InlineData("GET", "/files/..%2fsecret", HttpStatusCode.NotFound)]
    [InlineData("GET", "/files/%2fetc%2fpasswd", HttpStatusCode.NotFound)]
    [InlineData("POST", "/files/index.html", HttpStatusCode.MethodNotAllowed)]
    public async Task Request_OtherThanAFileWithin_Refused(string method, string path, HttpStatusCode expected)
    {
        await using var gateway = await StartAsync();

        using var response = await gateway.Client.SendAsync(new HttpRequestMessage(new HttpMethod(method), path));

        await Problems.AssertAsync(response, expected, "");
    }

    [Theory]
    [InlineData("index.html", true)]
    [InlineData("sub/a b.bin", true)]
    [InlineData("sub/../index.html", true)]
    [InlineData("../secret", false)]
    [InlineData("../www-other/secret", false)]
    [InlineData("sub/../../secret", false)]
    [InlineData("/etc/passwd", false)]
    [InlineData("..\\secret", false)]
    [InlineData("index.html\0", false)]
    [InlineData("", false)]
    [InlineData(".", false)]
    public void Find_Path_NeverLeadsOut(string path, bool found) => Assert.Equal(found, new Folder(_www).Find(path) is not null);

    [Fact]
    public void Find_SymbolicLink_Ignored()
    {
        File.CreateSymbolicLink(Path.Combine(_www, "link"), Path.Combine(_root.FullName, "secret"));
        Directory.CreateSymbolicLink(Path.Combine(_www, "up"), _root.FullName);

        Assert.Null(new Folder(_www).Find("link"));
        Assert.Null(new Folder(_www).Find("up/secret"));
    }

    private Task<Gateway> StartAsync() => Gateway.StartAsync(
        new HttpFilesystemBinding
        {
            Name = "files",
            Routes =
            [
                new HttpFilesystemRoute { Exit = "folder", When = [new() { Path = "/" }], Path = "index.html" },
                new HttpFilesystemRoute { Exit = "folder", When = [new() { Path = "/files/{path}" }], Path = "${params.path}" },
            ],
        },
        new FilesystemBinding { Name = "folder", Location = _www });
}
