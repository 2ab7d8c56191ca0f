using System.Buffers;
using System.Text;
using Zilla.Edge.Listeners;

namespace Zilla.Edge.Tests.Listeners;

public sealed class HttpPrefaceTests
{
    [Theory]
    [InlineData("P", 'n')]
    [InlineData("PR", 'n')]
    [InlineData("PRI", 'n')]
    [InlineData("PRI ", '2')]
    [InlineData("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", '2')]
    [InlineData("G", '1')]
    [InlineData("PO", '1')]
    [InlineData("PRO", '1')]
    [InlineData("PRIX", '1')]
    [InlineData("\0\0\0\0", '1')]
    public void Guess_FirstBytes_DecidedAsEarlyAsPossible(string bytes, char expected) =>
        Assert.Equal(expected switch { 'n' => HttpVersionGuess.NeedMore, '2' => HttpVersionGuess.Http2, _ => HttpVersionGuess.Http1 },
            HttpPreface.Guess(new ReadOnlySequence<byte>(Encoding.ASCII.GetBytes(bytes))));
}
