using System.Text;

namespace Zilla.EdgeHttp.HttpKafka;

/// <summary>Guards the way from a record's headers to HTTP's: what could end a line, or is not ASCII, does not pass.</summary>
internal static class HeaderText
{
    public static bool TryGet(ReadOnlySpan<byte> value, out string text)
    {
        foreach (var b in value)
        {
            if (b is < 0x20 or > 0x7E)
            {
                text = "";
                return false;
            }
        }

        text = Encoding.ASCII.GetString(value);
        return true;
    }
}
