using System.Text;
using Zilla.Load.Mqtt;

namespace Zilla.Load.Tests.Mqtt;

public class SessionRecordsTests
{
    [Theory]
    [InlineData("ab-1#will-ab-1", "ab-2#will-ab-2")]
    [InlineData("ab-1", "ab-2")]
    [InlineData("ab-", "ab-")]
    [InlineData("aab-1b", "aab-2b")]
    public void Renamed_EveryOccurrence_IsReplaced(string bytes, string expected) =>
        Assert.Equal(expected, Encoding.ASCII.GetString(SessionRecords.Renamed(Encoding.ASCII.GetBytes(bytes), "ab-1"u8, "ab-2"u8)));
}
