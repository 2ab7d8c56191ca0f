namespace Zilla.Streams.FlowControl;

/// <summary>What a DATA or FLUSH frame costs its sender. Both ends compute it alike, so it is never sent.</summary>
internal static class FrameCost
{
    /// <summary>Bytes on top of payload and extension, so that empty records are not free: about what keeping a frame takes.</summary>
    public const int PerFrame = 64;

    /// <summary>
    /// The cost against a credit that started at <paramref name="startingCredit"/>: at most half of that. A receiver may owe just under half
    /// (see <see cref="ReceiveCredit"/>), and with more a large frame could wait for credit that nobody is about to give.
    /// </summary>
    public static int Of(int payload, int extension, int startingCredit) => (int)Math.Min((long)payload + extension + PerFrame, Math.Max(1, startingCredit / 2));
}
