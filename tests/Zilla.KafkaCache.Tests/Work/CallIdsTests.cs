using System.Text;
using Zilla.KafkaCache.Work;

namespace Zilla.KafkaCache.Tests.Work;

public sealed class CallIdsTests
{
    [Fact]
    public void Short_IsKeptAsItIs() => Assert.Equal(new string('a', 64), Of(new string('a', 64)));

    /// <summary>However long they are, and also if they begin alike.</summary>
    [Fact]
    public void Long_AreToldApart_AndTakeLittle()
    {
        var ids = new[] { new string('a', 65), new string('a', 66), new string('a', 900_000) + "b", new string('a', 900_000) + "c" }.Select(Of).ToList();
        Assert.Equal(4, ids.Distinct().Count());
        Assert.All(ids, id => Assert.Equal(65, id.Length));
        Assert.Equal("#635361C48BB9EAB14198E76EA8AB7F1A41685D6AD62AA9146D301D4F17EB0AE0", ids[0]);
    }

    /// <summary>Nobody can write an id that is taken for another's.</summary>
    [Fact]
    public void Kept_IsNotTakenForWhatItStandsFor()
    {
        var kept = Of(new string('a', 65));
        Assert.NotEqual(kept, Of(kept));
    }

    private static string Of(string id) => CallIds.Of(Encoding.UTF8.GetBytes(id));
}
