using System.Net;
using System.Net.Http.Headers;
using Zilla.Config.Bindings;

namespace Zilla.EdgeHttp.Tests.Files;

public sealed class RangeTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("ranges-");

    public RangeTests()
    {
        File.WriteAllText(Path.Combine(_folder.FullName, "digits"), "0123456789");
        File.WriteAllText(Path.Combine(_folder.FullName, "empty"), "");
    }

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData("bytes=0-0", 206, "0", "bytes 0-0/10")]
    [InlineData("bytes=2-4", 206, "234", "bytes 2-4/10")]
    [InlineData("bytes=7-", 206, "789", "bytes 7-9/10")]
    [InlineData("bytes=7-99", 206, "789", "bytes 7-9/10")]
    [InlineData("bytes=-3", 206, "789", "bytes 7-9/10")]
    [InlineData("bytes=-30", 206, "0123456789", "bytes 0-9/10")]
    [InlineData("bytes=0-9", 206, "0123456789", "bytes 0-9/10")]
    [InlineData("bytes=10-", 416, null, "bytes */10")]
    [InlineData("bytes=99999-99999", 416, null, "bytes */10")]
    [InlineData("bytes=-0", 416, null, "bytes */10")]
    [InlineData("bytes=4-2", 200, "0123456789", null)]
    [InlineData("bytes=", 200, "0123456789", null)]
    [InlineData("bytes=-", 200, "0123456789", null)]
    [InlineData("bytes=a-b", 200, "0123456789", null)]
    [InlineData("bytes=+1-2", 200, "0123456789", null)]
    [InlineData("bytes=0-1,3-4", 200, "0123456789", null)]
    [InlineData("bytes=99999999999999999999-", 200, "0123456789", null)]
    [InlineData("lines=0-1", 200, "0123456789", null)]
    public async Task Get_Range(string range, int status, string? body, string? contentRange)
    {
        await using var gateway = await StartAsync();

        using var response = await SendAsync(gateway, HttpMethod.Get, "digits", range);

        Assert.Equal(status, (int)response.StatusCode);
        Assert.Equal(contentRange, response.Content.Headers.ContentRange?.ToString());
        if (body is null)
        {
            await Problems.AssertAsync(response, HttpStatusCode.RequestedRangeNotSatisfiable, "10 bytes");
        }
        else
        {
            Assert.Equal(body, await response.Content.ReadAsStringAsync());
            Assert.Equal("bytes", response.Headers.AcceptRanges.Single());
            Assert.NotNull(response.Headers.ETag);
        }
    }

    [Fact]
    public async Task Get_RangeOfNothing_Unsatisfiable()
    {
        await using var gateway = await StartAsync();

        using var first = await SendAsync(gateway, HttpMethod.Get, "empty", "bytes=0-");
        using var last = await SendAsync(gateway, HttpMethod.Get, "empty", "bytes=-1");

        Assert.Equal((416, 416), ((int)first.StatusCode, (int)last.StatusCode));
    }

    [Fact]
    public async Task Head_Range_NoSuchThing()
    {
        // RFC 9110 §14.2: ranges are for GET alone.
        await using var gateway = await StartAsync();

        using var response = await SendAsync(gateway, HttpMethod.Head, "digits", "bytes=2-4");

        Assert.Equal((200, 10L), ((int)response.StatusCode, response.Content.Headers.ContentLength));
    }

    [Fact]
    public async Task Get_IfRange_WholeUnlessItIsStillThat()
    {
        await using var gateway = await StartAsync();
        using var whole = await gateway.Client.GetAsync("/digits");
        var modified = whole.Content.Headers.LastModified!.Value;

        using var same = await SendAsync(gateway, HttpMethod.Get, "digits", "bytes=2-4", new RangeConditionHeaderValue(whole.Headers.ETag!));
        using var other = await SendAsync(gateway, HttpMethod.Get, "digits", "bytes=2-4", new RangeConditionHeaderValue("\"other\""));
        using var weak = await SendAsync(gateway, HttpMethod.Get, "digits", "bytes=2-4", new RangeConditionHeaderValue(new EntityTagHeaderValue(whole.Headers.ETag!.Tag, true)));
        using var date = await SendAsync(gateway, HttpMethod.Get, "digits", "bytes=2-4", new RangeConditionHeaderValue(modified));
        using var older = await SendAsync(gateway, HttpMethod.Get, "digits", "bytes=2-4", new RangeConditionHeaderValue(modified.AddSeconds(-1)));

        Assert.Equal([206, 200, 200, 206, 200], new[] { same, other, weak, date, older }.Select(response => (int)response.StatusCode));
    }

    private static Task<HttpResponseMessage> SendAsync(Gateway gateway, HttpMethod method, string file, string range, RangeConditionHeaderValue? condition = null)
    {
        var request = new HttpRequestMessage(method, $"/{file}");
        request.Headers.TryAddWithoutValidation("Range", range);
        request.Headers.IfRange = condition;
        return gateway.Client.SendAsync(request);
    }

    private Task<Gateway> StartAsync() => Gateway.StartAsync(
        new HttpServerBinding { Name = "http", Exit = "files" },
        new HttpFilesystemBinding { Name = "files", Routes = [new HttpFilesystemRoute { Exit = "folder", When = [new() { Path = "/{path}" }], Path = "${params.path}" }] },
        new FilesystemBinding { Name = "folder", Location = _folder.FullName });
}
