using System.Net;
using Zilla.Config.Bindings;
using Zilla.Testing;

namespace Zilla.EdgeHttp.Tests.Files;

public sealed class ConditionTests : IDisposable
{
    /// <summary>MD5 of "0123456789".</summary>
    private const string Tag = "\"781e5e245d69b566979b86e28d23f2c7\"";
    private const string Date = "Thu, 01 Jan 2026 00:00:00 GMT";
    private const string Before = "Wed, 31 Dec 2025 23:59:59 GMT";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("conditions-");
    private readonly string _file;

    public ConditionTests()
    {
        _file = Path.Combine(_folder.FullName, "digits");
        File.WriteAllText(_file, "0123456789");
        File.SetLastWriteTimeUtc(_file, new DateTime(2026, 1, 1, 0, 0, 0, 400, DateTimeKind.Utc));
    }

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData(304, "If-None-Match", Tag)]
    [InlineData(304, "If-None-Match", "W/" + Tag)]
    [InlineData(304, "If-None-Match", "*")]
    [InlineData(304, "If-None-Match", "\"a\", " + Tag)]
    [InlineData(200, "If-None-Match", "\"a\"")]
    [InlineData(304, "If-None-Match", Tag, "Range", "bytes=2-4")]
    [InlineData(206, "If-None-Match", "\"a\"", "Range", "bytes=2-4")]
    [InlineData(200, "If-None-Match", "\"a\"", "Range", "bytes=2-4", "If-Range", "\"a\"")]
    [InlineData(206, "If-None-Match", "\"a\"", "Range", "bytes=2-4", "If-Range", Tag)]
    [InlineData(304, "If-Modified-Since", Date)]
    [InlineData(200, "If-Modified-Since", Before)]
    [InlineData(200, "If-Modified-Since", "yesterday")]
    [InlineData(200, "If-None-Match", "\"a\"", "If-Modified-Since", Date)]
    [InlineData(200, "If-Match", Tag)]
    [InlineData(200, "If-Match", "*")]
    [InlineData(206, "If-Match", Tag, "Range", "bytes=2-4")]
    [InlineData(412, "If-Match", "\"a\"")]
    [InlineData(412, "If-Match", "W/" + Tag)]
    [InlineData(412, "If-Match", "\"a\"", "Range", "bytes=2-4")]
    [InlineData(412, "If-Match", "\"a\"", "If-None-Match", Tag)]
    [InlineData(200, "If-Unmodified-Since", Date)]
    [InlineData(412, "If-Unmodified-Since", Before)]
    [InlineData(200, "If-Unmodified-Since", Before, "If-Match", Tag)]
    public async Task Request_Conditions(int status, params string[] headers)
    {
        await using var gateway = await StartAsync();

        using var get = await SendAsync(gateway, HttpMethod.Get, headers);
        using var head = await SendAsync(gateway, HttpMethod.Head, headers);

        Assert.Equal((status, status == 206 ? 200 : status), ((int)get.StatusCode, (int)head.StatusCode));
        Assert.Equal((Tag, Tag), (get.Headers.ETag?.Tag, head.Headers.ETag?.Tag));
        Assert.Equal(status switch { 200 => "0123456789", 206 => "234", 304 => "", _ => null }, status == 412 ? null : await get.Content.ReadAsStringAsync());
    }

    [Theory]
    [InlineData("index.html", "text/html; charset=utf-8")]
    [InlineData("a.css", "text/css; charset=utf-8")]
    [InlineData("a.mjs", "text/javascript; charset=utf-8")]
    [InlineData("a.json", "application/json")]
    [InlineData("a.SVG", "image/svg+xml")]
    [InlineData("a.wasm", "application/wasm")]
    [InlineData("a.yaml", "application/yaml")]
    [InlineData("a.unheardof", "application/octet-stream")]
    [InlineData("none", "application/octet-stream")]
    public async Task Get_ContentType_ByExtension(string name, string type)
    {
        File.WriteAllText(Path.Combine(_folder.FullName, name), "x");
        await using var gateway = await StartAsync();

        using var response = await gateway.Client.GetAsync("/" + name);

        Assert.Equal(type, response.Content.Headers.ContentType?.ToString());
    }

    [Fact]
    public async Task Get_PreferWait_AnswersWhenTheFileChanges()
    {
        await using var gateway = await StartAsync();

        var waiting = SendAsync(gateway, HttpMethod.Get, "If-None-Match", Tag, "Prefer", "wait=60");
        using var atOnce = await SendAsync(gateway, HttpMethod.Get, "If-None-Match", "\"a\"", "Prefer", "wait=60");
        using var inVain = await SendAsync(gateway, HttpMethod.Get, "If-None-Match", Tag, "Prefer", "wait=1");
        Assert.False(waiting.IsCompleted);
        WholeFile.Write(_file, "changed");

        using var changed = await Eventually.CompletesAsync(waiting);
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.NotModified), (atOnce.StatusCode, inVain.StatusCode));
        Assert.Equal((HttpStatusCode.OK, "changed"), (changed.StatusCode, await changed.Content.ReadAsStringAsync()));
    }

    private static Task<HttpResponseMessage> SendAsync(Gateway gateway, HttpMethod method, params string[] headers)
    {
        var request = new HttpRequestMessage(method, "/digits");
        foreach (var pair in headers.Chunk(2))
        {
            request.Headers.TryAddWithoutValidation(pair[0], pair[1]);
        }

        return gateway.Client.SendAsync(request);
    }

    private Task<Gateway> StartAsync() => Gateway.StartAsync(
        new HttpServerBinding { Name = "http", Exit = "files" },
        new HttpFilesystemBinding { Name = "files", Routes = [new HttpFilesystemRoute { Exit = "folder", When = [new() { Path = "/{path}" }], Path = "${params.path}" }] },
        new FilesystemBinding { Name = "folder", Location = _folder.FullName });
}
