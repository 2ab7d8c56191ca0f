using System.IO.Pipelines;
using System.Text;
using Zilla.EdgeGrpc.Calls;

namespace Zilla.EdgeGrpc.Tests.Calls;

public sealed class WebTextBodyTests
{
    [Fact]
    public async Task Dispose_EndsTheCopying_WhichTouchesTheBodyNoMore()
    {
        var body = new Pipe();
        await using (var decoded = new WebTextBody(body.Reader, CancellationToken.None))
        {
            await body.Writer.WriteAsync("AAAA"u8.ToArray());
            Assert.Equal(3, (await decoded.Reader.ReadAsync()).Buffer.Length);
        }

        // Two readers at once would be an error.
        await body.Writer.WriteAsync("BBBB"u8.ToArray());
        Assert.True(body.Reader.TryRead(out var left));
        Assert.Equal("BBBB", Encoding.ASCII.GetString(left.Buffer));
    }

    [Fact]
    public async Task Dispose_EndsACopyThatNobodyReads()
    {
        var body = new Pipe(new PipeOptions(pauseWriterThreshold: 0));
        await body.Writer.WriteAsync(Encoding.ASCII.GetBytes(new string('A', 1 << 20)));
        var decoded = new WebTextBody(body.Reader, CancellationToken.None);
        await decoded.DisposeAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(20));
    }
}
